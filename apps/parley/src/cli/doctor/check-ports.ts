import type { ParleySettings } from '@parley/service';
import { LaunchError } from '../../launcher/launch-error.ts';
import { probePorts } from '../../launcher/port-probe.ts';
import type { KnownPorts } from '../../launcher/ports.ts';
import { portNames } from '../../launcher/ports.ts';
import { finding } from './finding.ts';
import type { Finding } from './finding.ts';

/** Whether the ports that a start would take are free. */
export async function checkPorts(settings: ParleySettings): Promise<readonly Finding[]> {
  const wanted = portsOf(settings);
  const findings: Finding[] = [];
  for (const name of portNames) {
    const port = wanted[name];
    const refusal = port === undefined ? undefined : await refusalOf(settings.host, { [name]: port });
    if (refusal !== undefined) findings.push(finding('ports', 'problem', `${name} ${String(port)}`, refusal));
  }
  const list = portNames.flatMap((name) => (wanted[name] === undefined ? [] : [`${name} ${String(wanted[name])}`]));
  return findings.length > 0 ? findings : [finding('ports', 'ok', `free on ${settings.host}: ${list.join(', ')}`)];
}

function portsOf(settings: ParleySettings): KnownPorts {
  const {
    sipPort: sip,
    sipsPort: sips,
    sipWsPort: sipWs,
    msrpPort: msrp,
    msrpsPort: msrps,
    msrpWsPort: msrpWs,
  } = settings;
  const { httpPort: http, natsUrls, natsPort } = settings;
  const ports = { sip, sips, sipWs, msrp, msrps, msrpWs, http, ...(natsUrls.length === 0 && { nats: natsPort }) };
  return Object.fromEntries(Object.entries(ports).filter(([, port]) => port !== 0));
}

async function refusalOf(host: string, ports: KnownPorts): Promise<string | undefined> {
  try {
    await probePorts(host, ports);
    return undefined;
  } catch (error) {
    if (error instanceof LaunchError) return error.message;
    throw error;
  }
}
