import { unwrap } from '@parley/prelude';
import { edge, encodeToken, focus } from '../src/index.ts';
import type { Codec } from '../src/index.ts';

/** Seconds per case and side, and rounds of which the best counts: the machine is shared. */
const seconds = 0.4;
const rounds = 3;

function rate(work: () => unknown): number {
  let count = 0;
  const start = performance.now();
  do for (let i = 0; i < 200; i++, count++) work();
  while (performance.now() - start < seconds * 1000);
  return (count / (performance.now() - start)) * 1000;
}

function compare(name: string, work: () => unknown, baseline: () => unknown): void {
  let [ours, theirs] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    theirs = Math.max(theirs, rate(baseline));
    ours = Math.max(ours, rate(work));
  }
  const figures = [ours, theirs].map((value) => Math.round(value).toLocaleString('en').padStart(10));
  console.log(`${name.padEnd(44)} ${figures[0]}/s   JSON ${figures[1]}/s   ratio ${(ours / theirs).toFixed(2)}`);
}

/** JSON of the same content, octets as base64. */
function jsonOf(message: unknown): string {
  return JSON.stringify(message, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
}

function bench<T>(name: string, codec: Codec<T>, message: T): void {
  const bytes = codec.encode(message);
  const json = Buffer.from(jsonOf(message));
  console.log(`${name}: ${bytes.length} octets, JSON ${json.length}`);
  compare(
    '  encode',
    () => codec.encode(message),
    () => Buffer.from(jsonOf(message)),
  );
  compare(
    '  decode',
    () => unwrap(codec.decode(bytes)),
    () => JSON.parse(json.toString()) as unknown,
  );
}

const request = new TextEncoder().encode(
  `MESSAGE sip:bob@localhost SIP/2.0\r\n${'Header: value of it\r\n'.repeat(40)}\r\n`,
);

bench<edge.EgressCommand>('EgressCommand', edge.EgressCommand, {
  commandId: '0123456789abcdef',
  flow: 'tcp-17',
  request,
  timeoutMs: 8000,
});

bench<focus.RosterChanged>('RosterChanged', focus.RosterChanged, {
  room: 'sip:lobby@chat.localhost',
  version: 17,
  joined: Array.from({ length: 8 }, (_, i) => ({
    id: `p${i}`,
    uri: `sip:user${i}@localhost`,
    nickname: `Nick ${i}`,
    joinedAt: 1_795_000_000_000 + i,
    displayName: `User ${i}`,
    bound: true,
  })),
  changed: [],
  left: ['p98', 'p99'],
  deleted: false,
});

compare(
  'encodeToken (baseline encodeURIComponent)',
  () => encodeToken('sip:lobby@chat.localhost'),
  () => encodeURIComponent('sip:lobby@chat.localhost'),
);
