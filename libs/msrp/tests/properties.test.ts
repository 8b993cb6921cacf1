import { portableCodec } from '@parley/prelude';
import type { ByteCodec } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createMsrpReader,
  noHeaderFields,
  octetsOfText,
  parseByteRange,
  parseMsrpUri,
  parsePath,
  parseStatus,
  pathLines,
  pathOf,
  prepareFanOut,
  serialiseByteRange,
  serialiseMsrpUri,
  serialiseRequest,
  serialiseRequestHead,
  serialiseResponse,
  serialiseStatus,
} from '../src/index.ts';
import type { ByteRange, HeaderField, MsrpRequestHead, MsrpResponse, MsrpUri, Path, Status } from '../src/index.ts';
import { bytesOf, readAll } from './support/events.ts';
import { nativeCodec } from './support/native-codec.ts';

const from = (characters: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(characters)), minLength, maxLength });
const alphanum = 'abcXYZ0189';
const ident = fc.tuple(from(alphanum, 1, 1), from(`${alphanum}.-+%=`, 3, 31)).map(([a, b]) => a + b);
const token = from(`${alphanum}!#$&'*+-.^_~|`, 1, 8);
const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((value) => octetsOfText(value.replaceAll(/\p{Cc}/gu, '').trim()));

const uri: fc.Arbitrary<MsrpUri> = fc.record({
  scheme: fc.constantFrom('msrp', 'msrps'),
  userinfo: fc.option(from(`${alphanum}-._~!$&'()*+,;=`, 1, 6), { nil: undefined }),
  host: fc.oneof(
    from(`${alphanum}-.`, 1, 12),
    fc.ipV4(),
    fc.ipV6().map((address) => `[${address}]`),
  ),
  port: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
  sessionId: fc.option(from(`${alphanum}-._~+=/`, 1, 16), { nil: undefined }),
  transport: from(alphanum, 1, 4),
  parameters: fc.array(fc.record({ name: token, value: fc.option(token, { nil: undefined }) }), { maxLength: 2 }),
});
const path: fc.Arbitrary<Path> = fc
  .tuple(uri, fc.array(uri, { maxLength: 2 }))
  .map(([first, rest]) => pathOf(first, ...rest));
const size = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const star = fc.constant<'*'>('*');
const byteRange: fc.Arbitrary<ByteRange> = fc.record({
  start: size,
  end: fc.oneof(size, star),
  total: fc.oneof(size, star),
});
const status: fc.Arbitrary<Status> = fc.record({
  namespace: from('0123456789', 3, 3),
  code: fc.integer({ min: 0, max: 999 }),
  comment: text,
});
const field: fc.Arbitrary<HeaderField> = fc.record({ name: token.map((name) => `X${name}`), value: text });
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

const request: fc.Arbitrary<MsrpRequestHead> = fc.record({
  transactionId: ident,
  method: fc.constantFrom('SEND', 'REPORT', 'AUTH', 'NICKNAME', 'OTHER'),
  toPath: path,
  fromPath: path,
  messageId: optional(ident),
  successReport: optional(fc.constantFrom('yes', 'no')),
  failureReport: optional(fc.constantFrom('yes', 'no', 'partial')),
  byteRange: optional(byteRange),
  status: optional(status),
  contentType: optional(fc.constantFrom('text/plain', 'text/plain;charset="a;b"', 'message/cpim')),
  fields: fc.array(field, { maxLength: 3 }),
});
const response: fc.Arbitrary<MsrpResponse> = fc.record({
  transactionId: ident,
  code: fc.integer({ min: 0, max: 999 }),
  comment: text,
  toPath: path,
  fromPath: path,
  fields: fc.array(field, { maxLength: 3 }),
});
const flag = fc.constantFrom('$', '+', '#');
const body = fc.oneof(
  from('\r\n-abcXYZ0$', 0, 60),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => portableCodec.decodeLatin1(bytes, 0, bytes.length)),
);

const message = fc.oneof(
  fc.tuple(request, flag, body).map(([head, end, content]) => serialiseRequest(head, end, content)),
  response.map(serialiseResponse),
);
const codec = fc.constantFrom<ByteCodec>(portableCodec, nativeCodec);

describe('parse(serialise(x)) is x', () => {
  it('for MSRP URIs', () => {
    fc.assert(
      fc.property(uri, (value) => {
        expect(parseMsrpUri(serialiseMsrpUri(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it('for paths', () => {
    fc.assert(
      fc.property(path, (value) => {
        expect(parsePath(value.text, 3)).toEqual({ ok: true, value });
      }),
    );
  });

  it('for Byte-Range and Status', () => {
    fc.assert(
      fc.property(byteRange, (value) => {
        expect(parseByteRange(serialiseByteRange(value))).toEqual({ ok: true, value });
      }),
    );
    fc.assert(
      fc.property(status, (value) => {
        expect(parseStatus(serialiseStatus(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it('for requests and their bodies', () => {
    fc.assert(
      fc.property(request, flag, body, codec, (head, end, content, native) => {
        const events = readAll(bytesOf(serialiseRequest(head, end, content)), { codec: native });
        if (head.contentType === undefined) expect(events).toEqual([{ kind: 'request', request: head, flag: end }]);
        else {
          const octets = content === '' ? [] : [{ kind: 'body', bytes: bytesOf(content) }];
          expect(events).toEqual([{ kind: 'start', request: head }, ...octets, { kind: 'end', flag: end }]);
        }
      }),
    );
  });

  it('for responses', () => {
    fc.assert(
      fc.property(response, (value) => {
        expect(readAll(bytesOf(serialiseResponse(value)))).toEqual([{ kind: 'response', response: value }]);
      }),
    );
  });

  it('and the prepared head of a fan-out is the head itself', () => {
    fc.assert(
      fc.property(request, (head) => {
        const { transactionId, toPath, fromPath, ...shared } = head;
        expect(prepareFanOut(shared).head(transactionId, pathLines(toPath, fromPath))).toBe(serialiseRequestHead(head));
      }),
    );
  });
});

describe('a stream of messages', () => {
  it('gives the same events however it is split, with either codec', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), fc.array(fc.nat(2000)), codec, (messages, cuts, native) => {
        const bytes = bytesOf(messages.join(''));
        const inside = cuts.filter((cut) => cut < bytes.length);
        expect(readAll(bytes, { cuts: inside, codec: native })).toEqual(readAll(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same events however it is split when some octets are wrong, and never throws', () => {
    const damage = fc.array(fc.tuple(fc.nat(1500), fc.oneof(fc.nat(255), fc.constantFrom(13, 10, 45, 32, 58))), {
      maxLength: 4,
    });
    const limits = { chunkBytes: 150, headBytes: 600, lineBytes: 300, headerCount: 8 };
    fc.assert(
      fc.property(fc.array(message, { maxLength: 3 }), damage, fc.array(fc.nat(1500)), (messages, wrong, cuts) => {
        const bytes = bytesOf(messages.join(''));
        for (const [at, octet] of wrong) if (at < bytes.length) bytes[at] = octet;
        const inside = cuts.filter((cut) => cut < bytes.length);
        expect(readAll(bytes, { cuts: inside, limits })).toEqual(readAll(bytes, { limits }));
      }),
      { numRuns: 500 },
    );
  });

  it('never makes a parser throw, whatever the octets are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, value) => {
        readAll(bytes);
        readAll(Uint8Array.from([...bytesOf('MSRP abcd SEND\r\n'), ...bytes]));
        expect([parseMsrpUri(value), parsePath(value, 2), parseByteRange(value), parseStatus(value)]).toHaveLength(4);
      }),
    );
  });
});

describe('work per octet', () => {
  /** Octets that pass through the codec when `bytes` come one at a time. */
  function octetsTouched(bytes: Uint8Array): number {
    let touched = 0;
    const counting: ByteCodec = {
      ...portableCodec,
      decodeLatin1: (source, start, end) => {
        touched += end - start;
        return portableCodec.decodeLatin1(source, start, end);
      },
      indexOf: (source, needle, at) => {
        touched += source.length - at;
        return portableCodec.indexOf(source, needle, at);
      },
    };
    const reader = createMsrpReader({ codec: counting });
    for (let i = 0; i < bytes.length; i++) reader.push(bytes.subarray(i, i + 1));
    return touched;
  }

  const withHead = (length: number): string => `MSRP abcd1234 SEND\r\nX: ${'x'.repeat(length)}\r\n`;

  it.each([
    ['a head', (length: number): Uint8Array => bytesOf(withHead(length))],
    ['a head of hyphens', (length: number): Uint8Array => bytesOf(`MSRP abcd1234 SEND\r\n${'-'.repeat(length)}`)],
    [
      'a body',
      (length: number): Uint8Array =>
        bytesOf(`MSRP abcd1234 SEND\r\nContent-Type: a/b\r\n\r\n${'\r\n-------'.repeat(length / 9)}`),
    ],
  ])('is bounded when %s comes octet by octet', (_name, make) => {
    expect(octetsTouched(make(7200))).toBeLessThan(12 * 7300);
  });

  it('does not depend on other sessions: an empty list of fields is shared', () => {
    const [event] = readAll(
      bytesOf('MSRP abcd 200 OK\r\nTo-Path: msrp://a:1/b;tcp\r\nFrom-Path: msrp://c:1/d;tcp\r\n-------abcd$\r\n'),
    );
    expect(event?.kind === 'response' && event.response.fields).toBe(noHeaderFields);
  });
});
