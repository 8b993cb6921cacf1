import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';

/** What a test says about names; each name may have several records of a type. */
export interface DnsZone {
  /** IPv4 addresses by host name. */
  readonly a?: Readonly<Record<string, readonly string[]>>;
  readonly srv?: Readonly<Record<string, readonly DnsService[]>>;
  readonly naptr?: Readonly<Record<string, readonly DnsPointer[]>>;
}

/** An SRV record. @spec RFC 2782 */
export interface DnsService {
  readonly priority?: number;
  readonly weight?: number;
  readonly port: number;
  readonly target: string;
}

/** A NAPTR record of flag `s`. @spec RFC 3403 §4.1, RFC 3263 §4.1 */
export interface DnsPointer {
  readonly order?: number;
  readonly preference?: number;
  /** e.g. `SIP+D2T`. */
  readonly service: string;
  readonly replacement: string;
}

/** A DNS server that knows a few names; what it does not know does not exist. */
export interface DnsServer extends Disposable {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Questions that came, as `TYPE name`, in order. */
  readonly questions: readonly string[];
  /** What it says from now on. */
  zone: DnsZone;
}

const typeNames: ReadonlyMap<number, string> = new Map([
  [1, 'A'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [35, 'NAPTR'],
]);

/** Octets of a header, before the question. @spec RFC 1035 §4.1.1 */
const headerOctets = 12;
/** Seconds for which an answer may be kept. */
const ttl = 1;

/** Starts a DNS server over UDP on a free port of 127.0.0.1. */
export async function startDns(zone: DnsZone): Promise<DnsServer> {
  const socket: Socket = createSocket('udp4');
  const questions: string[] = [];
  socket.on('message', (query, from) => {
    const question = questionIn(query);
    questions.push(`${question.type} ${question.name}`);
    socket.send(answer(query, question, recordsFor(server.zone, question)), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const server: DnsServer = {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    zone,
    [Symbol.dispose]() {
      socket.close();
    },
  };
  return server;
}

interface Question {
  readonly type: string;
  /** In lower case. */
  readonly name: string;
  /** Octet behind it. */
  readonly end: number;
}

function questionIn(query: Buffer): Question {
  const labels: string[] = [];
  let at = headerOctets;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = typeNames.get(query.readUInt16BE(at + 1)) ?? 'other';
  return { type, name: labels.join('.').toLowerCase(), end: at + 5 };
}

function recordsFor({ a, srv, naptr }: DnsZone, { type, name }: Question): readonly Buffer[] {
  switch (type) {
    case 'A':
      return (a?.[name] ?? []).map((address) => Buffer.from(address.split('.').map(Number)));
    case 'SRV':
      return (srv?.[name] ?? []).map(({ priority = 1, weight = 1, port, target }) =>
        Buffer.concat([numbers(priority, weight, port), nameOctets(target)]),
      );
    case 'NAPTR':
      return (naptr?.[name] ?? []).map(({ order = 1, preference = 1, service, replacement }) =>
        Buffer.concat([numbers(order, preference), text('s'), text(service), text(''), nameOctets(replacement)]),
      );
    default:
      return [];
  }
}

/** @spec RFC 1035 §4.1 */
function answer(query: Buffer, { end }: Question, records: readonly Buffer[]): Buffer {
  const isKnown = records.length > 0;
  const type = query.subarray(end - 4, end - 2);
  const head = Buffer.concat([query.subarray(0, 2), numbers(0x8180 | (isKnown ? 0 : 3), 1, records.length, 0, 0)]);
  const answers = records.map((octets) =>
    Buffer.concat([numbers(0xc0_0c), type, numbers(1, 0, ttl, octets.length), octets]),
  );
  return Buffer.concat([head, query.subarray(headerOctets, end), ...answers]);
}

function numbers(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => octets.writeUInt16BE(value, 2 * i));
  return octets;
}

function text(value: string): Buffer {
  return Buffer.from([value.length, ...Buffer.from(value)]);
}

function nameOctets(name: string): Buffer {
  return Buffer.concat([...name.split('.').map(text), Buffer.from([0])]);
}
