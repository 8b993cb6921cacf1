import { Buffer } from 'node:buffer';
import type { ByteCodec } from '@parley/prelude';
import { portableCodec, unwrap } from '@parley/prelude';
import { cpimDateTime, cpimFrom, cpimTo, parseCpimHead } from '../src/index.ts';

/** What every Buffer has and its type declarations leave out: conversions that skip the parsing of an encoding name. */
interface RawBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number): number;
}

/** A view over the same memory, so that no octet is copied. */
function raw(bytes: Uint8Array): RawBuffer {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Node has had these methods since version 6.
  return buffer as RawBuffer;
}

const nativeCodec: ByteCodec = {
  decodeLatin1: (bytes, start, end) => raw(bytes).latin1Slice(start, end),
  encodeLatin1: (text) => Buffer.from(text, 'latin1'),
  writeLatin1: (text, target, offset) => raw(target).latin1Write(text, offset),
  decodeUtf8: (bytes, start, end) => raw(bytes).utf8Slice(start, end),
  encodeUtf8: (text) => Buffer.from(text, 'utf8'),
  indexOf: (bytes, needle, from) => raw(bytes).indexOf(needle, from),
};

const head = [
  'From: Alice in Wonderland <sip:alice@atlanta.example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>',
  'To: <sip:chatroom22@chat.atlanta.example.com>',
  'DateTime: 2026-11-21T10:14:57.123Z',
  'Subject: the weather will be fine today',
  'NS: imdn <urn:ietf:params:imdn>',
  'imdn.Message-ID: d834jied93rf-7f2a',
  'imdn.Disposition-Notification: positive-delivery, negative-delivery, display',
  '',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'Hello, is anybody here who knows how this works?',
].join('\r\n');
const message = Buffer.from(head, 'latin1');
const large = Buffer.concat([message, Buffer.alloc(64 * 1024, 'x')]);

/** What one writes first: decode all, split, put into a map. */
function naive(bytes: Buffer): string | undefined {
  const [top = ''] = bytes.toString('utf8').split('\r\n\r\n');
  const headers = new Map<string, string>();
  for (const line of top.split('\r\n')) headers.set(line.split(': ')[0] ?? '', line.split(': ').slice(1).join(': '));
  return headers.get('From')?.replace(/^.*<(.*)>$/, '$1');
}

function typed(bytes: Uint8Array): string {
  const scan = unwrap(parseCpimHead(bytes, nativeCodec));
  if (!scan.complete) return '';
  const { value } = scan;
  return `${unwrap(cpimFrom(value, nativeCodec)).uri}${unwrap(cpimTo(value, nativeCodec)).length}${unwrap(cpimDateTime(value)).length}`;
}

function opsPerSecond(run: () => unknown, times: number): number {
  for (let i = 0; i < times / 2; i++) run();
  const rounds = Array.from({ length: 5 }, () => {
    const start = performance.now();
    for (let i = 0; i < times; i++) run();
    return times / ((performance.now() - start) / 1000);
  });
  return Math.max(...rounds);
}

function compare(title: string, times: number, cases: Record<string, () => unknown>): void {
  console.log(title);
  let baseline = 0;
  for (const [name, run] of Object.entries(cases)) {
    const ops = opsPerSecond(run, times);
    baseline ||= ops;
    console.log(`  ${name}: ${Math.round(ops)} ops/s, ${(ops / baseline).toFixed(2)}x the first`);
  }
}

compare(`CPIM head of ${head.indexOf('\r\n\r\n') + 4} octets in a message of ${message.length}`, 100_000, {
  'naive: decode, split, map, From': () => naive(message),
  parseCpimHead: () => parseCpimHead(message, nativeCodec),
  'parseCpimHead, then From, To and DateTime': () => typed(message),
  'parseCpimHead, portable codec': () => parseCpimHead(message, portableCodec),
});
compare('the same head in front of 64 KiB', 5000, {
  'naive: decode, split, map, From': () => naive(large),
  parseCpimHead: () => parseCpimHead(large, nativeCodec),
});
