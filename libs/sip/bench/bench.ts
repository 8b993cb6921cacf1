import { Buffer } from 'node:buffer';
import process from 'node:process';
import type { ByteCodec } from '@parley/prelude';
import { portableCodec, unwrap } from '@parley/prelude';
import type { SipRequest, Via } from '../src/index.ts';
import {
  checkRequest,
  createSipFramer,
  field,
  parseSipMessage,
  read,
  serialiseHead,
  withField,
  withoutFirst,
  withRequestUri,
  withTop,
} from '../src/index.ts';
import { naiveForwardRequest, naiveForwardResponse, naiveParse } from './naive.ts';

/** Methods that Node has and its types leave out; they skip the look-up of the encoding's name. */
interface NativeBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number): number;
  utf8Slice(start: number, end: number): string;
}

function native(bytes: Uint8Array): NativeBuffer {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer as NativeBuffer; // Every Buffer of Node has them.
}

const nativeCodec: ByteCodec = {
  decodeLatin1: (bytes, start, end) => native(bytes).latin1Slice(start, end),
  encodeLatin1: (text) => Buffer.from(text, 'latin1'),
  writeLatin1: (text, target, offset) => native(target).latin1Write(text, offset),
  decodeUtf8: (bytes, start, end) => native(bytes).utf8Slice(start, end),
  encodeUtf8: (text) => Buffer.from(text, 'utf8'),
  indexOf: (bytes, needle, from) => native(bytes).indexOf(needle, from),
};

const body = 'Watson, come here. I want to see you, and bring the battery with you when you come.';
const requestBytes = Buffer.from(
  [
    'MESSAGE sip:bob@biloxi.example.com SIP/2.0',
    'Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74b43a8d7c;rport',
    'Max-Forwards: 70',
    'Route: <sip:ss1.atlanta.example.com;lr>',
    'From: "Alice" <sip:alice@atlanta.example.com>;tag=9fxced76sl',
    'To: <sip:bob@biloxi.example.com>',
    'Call-ID: 3848276298220188511@atlanta.example.com',
    'CSeq: 20 MESSAGE',
    'Date: Sat, 13 Nov 2010 23:29:00 GMT',
    'User-Agent: parley-bench/1.0',
    'Content-Type: text/plain;charset=UTF-8',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n'),
  'latin1',
);
const responseBytes = Buffer.from(
  [
    'SIP/2.0 200 OK',
    'Via: SIP/2.0/TCP edge1.example.com:5060;branch=z9hG4bK.0.7f3k2l1m0n',
    'Via: SIP/2.0/TCP client.atlanta.example.com:5060;branch=z9hG4bK74b43a8d7c;rport=40213;received=192.0.2.101',
    'From: "Alice" <sip:alice@atlanta.example.com>;tag=9fxced76sl',
    'To: <sip:bob@biloxi.example.com>;tag=314159',
    'Call-ID: 3848276298220188511@atlanta.example.com',
    'CSeq: 20 MESSAGE',
    'Server: parley-bench/1.0',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n'),
  'latin1',
);

const out = Buffer.alloc(65_536);
const ourVia: Via = {
  protocol: 'SIP',
  version: '2.0',
  transport: 'UDP',
  host: 'edge1.example.com',
  port: 5060,
  branch: 'z9hG4bK.0.7f3k2l1m0n',
  parameters: new Map(),
};

function parseRequest(codec: ByteCodec): SipRequest {
  const message = unwrap(parseSipMessage(requestBytes, { codec }));
  if (message.kind !== 'request') throw new Error('not a request');
  return message;
}

function forwardRequest(codec: ByteCodec): number {
  let request = parseRequest(codec);
  const previous = unwrap(read(request, field.via));
  const route = unwrap(read(request, field.route));
  const hops = unwrap(read(request, field.maxForwards)) ?? 70;
  if (previous === undefined || route === undefined || hops === 0) throw new Error('not to be forwarded');
  request = withoutFirst(request, field.route);
  request = withTop(request, field.via, ourVia);
  request = withField(request, field.maxForwards, hops - 1);
  request = withRequestUri(request, 'sip:bob@192.0.2.7:5062;transport=udp');
  return write(serialiseHead(request), request.body, codec);
}

function forwardResponse(codec: ByteCodec): number {
  const response = unwrap(parseSipMessage(responseBytes, { codec }));
  const ours = unwrap(read(response, field.via));
  const forwarded = withoutFirst(response, field.via);
  const next = unwrap(read(forwarded, field.via));
  if (ours?.branch === undefined || next === undefined) throw new Error('not to be forwarded');
  return write(serialiseHead(forwarded), forwarded.body, codec);
}

function write(head: string, bytes: Uint8Array, codec: ByteCodec): number {
  const length = codec.writeLatin1(head, out, 0);
  out.set(bytes, length);
  return length + bytes.length;
}

/** Runs per second of processor time; the best of nine rounds, for the machine is shared. */
function measure(task: () => unknown): number {
  let best = 0;
  for (let round = 0; round < 9; round++) {
    const start = process.cpuUsage();
    const until = performance.now() + 150;
    let runs = 0;
    while (performance.now() < until) for (let i = 0; i < 200; i++, runs++) task();
    const { user, system } = process.cpuUsage(start);
    best = Math.max(best, (runs * 1e6) / (user + system));
  }
  return best;
}

function report(name: string, ours: () => unknown, baseline?: () => unknown): void {
  const perSecond = measure(ours);
  const ratio = baseline === undefined ? '' : `  ${(perSecond / measure(baseline)).toFixed(2)} x baseline`;
  console.log(`${name.padEnd(44)} ${Math.round(perSecond).toLocaleString('en').padStart(12)}/s${ratio}`);
}

console.log(`request ${requestBytes.length} octets, response ${responseBytes.length} octets`);
console.log('per second of processor time; baseline: lines split into a Map of arrays, joined again');
report(
  'parse a request',
  () => parseRequest(nativeCodec),
  () => naiveParse(requestBytes),
);
report(
  'forward a request',
  () => forwardRequest(nativeCodec),
  () => naiveForwardRequest(requestBytes, out),
);
report(
  'forward a response',
  () => forwardResponse(nativeCodec),
  () => naiveForwardResponse(responseBytes, out),
);
report('parse a request and check it', () => checkRequest(parseRequest(nativeCodec)));
report('parse a request, portable codec', () => parseRequest(portableCodec));
report('forward a request, portable codec', () => forwardRequest(portableCodec));
const many = Buffer.concat(Array.from({ length: 100 }, () => requestBytes));
const framer = createSipFramer({ codec: nativeCodec });
report('frame a stream, 100 requests a chunk (chunks)', () => framer.push(many));
