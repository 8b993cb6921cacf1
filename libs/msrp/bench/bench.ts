import { portableCodec, unwrap } from '@parley/prelude';
import {
  createMsrpReader,
  endLineAfterBody,
  noHeaderFields,
  parsePath,
  pathLines,
  prepareFanOut,
  responseTo,
  serialiseRequest,
  serialiseRequestHead,
  serialiseResponse,
} from '../src/index.ts';
import type { MsrpReader, MsrpRequestHead, Path } from '../src/index.ts';
import { nativeCodec } from '../tests/support/native-codec.ts';
import { compare } from './measure.ts';
import { naiveBody, naiveHead, naiveParse } from './naive.ts';

const path = (text: string): Path => unwrap(parsePath(text, 1));
const head: MsrpRequestHead = {
  transactionId: 'a786hjs2k3l4m5n6',
  method: 'SEND',
  toPath: path('msrp://chat.example.com:2855/kjhd37s2s20w2a;tcp'),
  fromPath: path('msrp://192.0.2.17:7654/jshA7weztas;tcp'),
  messageId: '87652491',
  successReport: undefined,
  failureReport: undefined,
  byteRange: { start: 1, end: 200, total: 200 },
  status: undefined,
  contentType: 'message/cpim',
  fields: noHeaderFields,
};

function segmentOf(body: string, size: number): { readonly bytes: Buffer; readonly count: number } {
  const one = serialiseRequest(head, '$', body);
  const count = Math.floor(size / one.length);
  return { bytes: Buffer.from(one.repeat(count), 'latin1'), count };
}

function feed(reader: MsrpReader, bytes: Uint8Array): number {
  let heads = 0;
  for (const event of reader.push(bytes)) if (event.kind === 'start') heads++;
  return heads;
}

function benchPacked(title: string, body: string): void {
  const { bytes } = segmentOf(body, 65_536);
  const native = createMsrpReader({ codec: nativeCodec });
  const portable = createMsrpReader({ codec: portableCodec });
  compare(title, 'k/s', 1000, [
    { name: 'reader, native codec', run: () => feed(native, bytes) },
    { name: 'reader, portable codec', run: () => feed(portable, bytes) },
    { name: 'text, split, Map', run: () => naiveParse(bytes).length },
  ]);
}

function count(reader: MsrpReader, bytes: Uint8Array): number {
  return reader.push(bytes).length;
}

function benchResponses(): void {
  const one = serialiseResponse(responseTo(head, 200));
  const bytes = Buffer.from(one.repeat(Math.floor(65_536 / one.length)), 'latin1');
  const native = createMsrpReader({ codec: nativeCodec });
  compare('responses packed in 64 KiB', 'k/s', 1000, [
    { name: 'reader, native codec', run: () => count(native, bytes) },
    { name: 'text, split, Map', run: () => naiveParse(bytes).length },
  ]);
}

/** A relay's connection: many sessions on one stream, so that the paths are never those of the message before. */
function benchManySessions(): void {
  const body = 'x'.repeat(200);
  const messages = Array.from({ length: 100 }, (_, i) =>
    serialiseRequest({ ...head, toPath: path(`msrp://chat.example.com:2855/session${i};tcp`) }, '$', body),
  );
  const bytes = Buffer.from(messages.join(''), 'latin1');
  const native = createMsrpReader({ codec: nativeCodec });
  compare('SENDs of 100 sessions in turn on one connection', 'k/s', 1000, [
    { name: 'reader, native codec', run: () => feed(native, bytes) },
    { name: 'text, split, Map', run: () => naiveParse(bytes).length },
  ]);
}

function benchSingle(): void {
  const { bytes } = segmentOf('x'.repeat(200), 600);
  const native = createMsrpReader({ codec: nativeCodec });
  compare('one SEND with a 200-octet body per segment', 'k/s', 1000, [
    { name: 'reader, native codec', run: () => feed(native, bytes) },
    { name: 'text, split, Map', run: () => naiveParse(bytes).length },
  ]);
}

function benchLargeBody(): void {
  const size = 10_000_000;
  const random = Buffer.alloc(size);
  for (let i = 0; i < size; i++) random[i] = (i * 2_654_435_761) >>> 13;
  const whole = Buffer.concat([
    Buffer.from(serialiseRequestHead(head), 'latin1'),
    random,
    Buffer.from(endLineAfterBody(head.transactionId, '$'), 'latin1'),
  ]);
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += 65_536) pieces.push(whole.subarray(at, at + 65_536));
  const native = createMsrpReader({ codec: nativeCodec });
  const portable = createMsrpReader({ codec: portableCodec });
  const all = (reader: MsrpReader): number => {
    for (const piece of pieces) reader.push(piece);
    return whole.length;
  };
  compare('one body of 10 MB in pieces of 64 KiB', 'GB/s', 1e9, [
    { name: 'reader, native codec', run: () => all(native) },
    { name: 'reader, portable codec', run: () => all(portable) },
    { name: 'gathered as text', run: () => naiveBody(pieces, head.transactionId) },
  ]);
}

function benchFanOut(): void {
  const { transactionId, toPath: _toPath, fromPath, ...shared } = head;
  const body = Buffer.alloc(200, 'x');
  const target = Buffer.alloc(1 << 16);
  const sessions = Array.from({ length: 100 }, (_, i) => {
    const to = path(`msrp://client${i}.example.com:7654/jshA7weztas${i};tcp`);
    return { to, paths: pathLines(to, fromPath) };
  });
  const end = Buffer.from(endLineAfterBody(transactionId, '$'), 'latin1');
  const write = (text: string): number => {
    const at = target.write(text, 0, 'latin1');
    target.set(body, at);
    target.set(end, at + body.length);
    return at;
  };
  compare('fan-out to 100, head + body + end-line into one buffer', 'k/s', 1000, [
    {
      name: 'prepareFanOut',
      run: () => {
        const fanOut = prepareFanOut(shared);
        for (const { paths } of sessions) write(fanOut.head(transactionId, paths));
        return sessions.length;
      },
    },
    {
      name: 'serialiseRequestHead',
      run: () => {
        for (const { to } of sessions) write(serialiseRequestHead({ ...head, toPath: to }));
        return sessions.length;
      },
    },
    {
      name: 'Map and join',
      run: () => {
        for (const { to } of sessions) {
          const headers = new Map([
            ['To-Path', to.text],
            ['From-Path', fromPath.text],
            ['Message-ID', '87652491'],
            ['Byte-Range', '1-200/200'],
            ['Content-Type', 'message/cpim'],
          ]);
          write(naiveHead(transactionId, 'SEND', headers));
        }
        return sessions.length;
      },
    },
  ]);
}

console.log(`head ${serialiseRequestHead(head).length} octets`);
benchPacked('SENDs with a 10-octet body, packed in 64 KiB', 'x'.repeat(10));
benchPacked('SENDs with a 200-octet body, packed in 64 KiB', 'x'.repeat(200));
benchSingle();
benchResponses();
benchManySessions();
benchLargeBody();
benchFanOut();
