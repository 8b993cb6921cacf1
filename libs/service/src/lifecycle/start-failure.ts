import type { ParleySettings } from '../settings/parley-settings.ts';

/** One line for a failure to start that the operator can mend; undefined when it needs the log. */
export function explainStartFailure(error: unknown, settings: ParleySettings): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('kind' in error && error.kind === 'SettingError' && 'message' in error) return String(error.message);
  if (!('code' in error) || !('port' in error)) return undefined;
  const variable = variableOfPort(settings, Number(error.port));
  const address = 'address' in error ? `${String(error.address)}:${String(error.port)}` : `port ${String(error.port)}`;
  if (error.code === 'EADDRINUSE')
    return `${address} is in use; stop what listens there, or set ${variable} to another port`;
  if (error.code === 'EACCES')
    return `${address} may not be listened at by this user; set ${variable} to a port above 1023`;
  return undefined;
}

/** The variable that chose a port: `sipWsPort` is `PARLEY_SIP_WS_PORT`. */
function variableOfPort(settings: ParleySettings, port: number): string {
  const [name] = Object.entries(settings).find(([key, value]) => key.endsWith('Port') && value === port) ?? ['port'];
  return name === 'port'
    ? 'its PARLEY_…_PORT'
    : `PARLEY_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
