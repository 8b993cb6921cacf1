import { isPortName } from '../ports.ts';
import type { KnownPorts } from '../ports.ts';

/**
 * Ports told by a process that accepts, `{kind: 'ready', ports: {…}}`; undefined for any other message.
 *
 * Names that this launcher does not know are passed over: a service may listen on more than ports.json has.
 */
export function readyPorts(message: unknown): KnownPorts | undefined {
  if (!isRecord(message) || message['kind'] !== 'ready') return undefined;
  const ports = isRecord(message['ports']) ? message['ports'] : {};
  return Object.fromEntries(Object.entries(ports).filter(([name, port]) => isPortName(name) && isPort(port)));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
}
