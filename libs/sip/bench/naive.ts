import type { Buffer } from 'node:buffer';

/** What one writes first: every field a string in a Map, everything joined again. */
export interface Naive {
  start: string;
  fields: Map<string, string[]>;
  body: Buffer;
}

/** Splits at line breaks and colons. */
export function naiveParse(bytes: Buffer): Naive {
  const end = bytes.indexOf('\r\n\r\n');
  const [start = '', ...lines] = bytes.toString('utf8', 0, end).split('\r\n');
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return { start, fields, body: bytes.subarray(end + 4) };
}

function write(message: Naive, out: Buffer): number {
  const lines = [message.start];
  for (const [name, values] of message.fields) for (const value of values) lines.push(`${name}: ${value}`);
  const head = `${lines.join('\r\n')}\r\n\r\n`;
  const length = out.write(head, 0, 'utf8');
  return length + message.body.copy(out, length);
}

/** The parts of a Via that a hop looks at, nothing checked. */
function naiveVia(value: string): { sentBy: string; parameters: Map<string, string> } {
  const [start = '', ...rest] = value.split(';');
  const parameters = new Map(rest.map((text) => text.split('=', 2) as [string, string]));
  return { sentBy: start.split(' ')[1] ?? '', parameters };
}

/** The host of a Route, nothing checked. */
function naiveRoute(value: string): string | undefined {
  return /<sips?:(?:[^@>]*@)?([^;:>]+)/.exec(value)?.[1];
}

/** One hop of a request. */
export function naiveForwardRequest(bytes: Buffer, out: Buffer): number {
  const message = naiveParse(bytes);
  const [method = ''] = message.start.split(' ');
  message.start = `${method} sip:bob@192.0.2.7:5062;transport=udp SIP/2.0`;
  const vias = message.fields.get('via') ?? [];
  if (naiveVia(vias[0] ?? '').sentBy === '' || naiveRoute(message.fields.get('route')?.[0] ?? '') === undefined)
    return 0;
  const hops = Number(message.fields.get('max-forwards')?.[0] ?? '70');
  message.fields.set('via', ['SIP/2.0/UDP edge1.example.com:5060;branch=z9hG4bK.0.7f3k2l1m0n', ...vias]);
  message.fields.set('max-forwards', [String(hops - 1)]);
  const routes = (message.fields.get('route') ?? []).slice(1);
  if (routes.length === 0) message.fields.delete('route');
  else message.fields.set('route', routes);
  return write(message, out);
}

/** One hop of a response. */
export function naiveForwardResponse(bytes: Buffer, out: Buffer): number {
  const message = naiveParse(bytes);
  const [ours = '', ...vias] = message.fields.get('via') ?? [];
  if (naiveVia(ours).parameters.get('branch') === undefined || naiveVia(vias[0] ?? '').sentBy === '') return 0;
  message.fields.set('via', vias);
  return write(message, out);
}
