import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocketFrames } from '../../src/connection/web-socket-frames.ts';

const maskKey = [0x37, 0xfa, 0x21, 0x3d];

/** A frame as a client sends it. @spec RFC 6455 §5.2 */
function frame(first: number, payload: Uint8Array, key: readonly number[] = maskKey): Buffer {
  const { length } = payload;
  const size = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 0xff] : undefined;
  const long = Buffer.alloc(9, 127);
  long.writeBigUInt64BE(BigInt(length), 1);
  const head = Buffer.from([first, ...(size ?? [...long])]);
  head[1] = (head[1] ?? 0) | 0x80;
  return Buffer.concat([head, Buffer.from(key), payload.map((octet, i) => octet ^ (key[i & 3] ?? 0))]);
}

function reading() {
  const seen = { pings: [] as string[], closes: [] as number[] };
  const frames = new WebSocketFrames({
    onPing: (payload) => seen.pings.push(Buffer.from(payload).toString('latin1')),
    onClose: (code) => seen.closes.push(code),
  });
  return {
    frames,
    seen,
    read: (bytes: Uint8Array) => Buffer.from(frames.read(Uint8Array.from(bytes))).toString('latin1'),
  };
}

const octets = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('Frames of a WebSocket client (RFC 6455 §5)', () => {
  it('are unmasked: the example of §5.7', () => {
    const { read } = reading();
    expect(read(Uint8Array.from([0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]))).toBe('Hello');
  });

  it('give the same octets however they are cut, whatever their sizes', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
    fc.assert(
      fc.property(payloads, fc.array(fc.nat(50), { minLength: 1 }), (parts, cuts) => {
        const { read } = reading();
        const wire = Buffer.concat(parts.map((part) => frame(0x82, part)));
        let heard = '';
        for (let at = 0, i = 0; at < wire.length; i++) {
          const end = at + 1 + (cuts[i % cuts.length] ?? 0);
          heard += read(wire.subarray(at, end));
          at = end;
        }
        expect(heard).toBe(Buffer.concat(parts).toString('latin1'));
      }),
    );
  });

  it.each([125, 126, 65_535, 65_536, 200_001])('may have %i octets', (length) => {
    const { read } = reading();
    const payload = Buffer.alloc(length, 'abcdefg');
    expect(read(frame(0x82, payload))).toBe(payload.toString('latin1'));
  });

  it('may be fragments, with control frames between them (§5.4)', () => {
    const { read, seen } = reading();
    const parts = [frame(0x02, octets('MSRP ')), frame(0x89, octets('there?')), frame(0x80, octets('a786hjs2 SEND'))];
    expect(read(Buffer.concat(parts))).toBe('MSRP a786hjs2 SEND');
    expect(seen.pings).toEqual(['there?']);
  });

  it('that close are heard with their code; nothing is read behind them (§5.5.1)', () => {
    const { read, seen } = reading();
    expect(read(Buffer.concat([frame(0x88, Uint8Array.of(0x03, 0xe9)), frame(0x82, octets('more'))]))).toBe('');
    expect(seen.closes).toEqual([1001]);
    const empty = reading();
    empty.read(frame(0x88, new Uint8Array()));
    expect(empty.seen.closes).toEqual([1000]);
  });

  it('of a pong change nothing (§5.5.3)', () => {
    const { read, seen } = reading();
    expect(read(Buffer.concat([frame(0x8a, octets('yes')), frame(0x82, octets('on'))]))).toBe('on');
    expect(seen).toEqual({ pings: [], closes: [] });
  });

  it.each([
    ['are not masked (§5.1)', Buffer.from([0x82, 2, 65, 66])],
    ['have reserved bits (§5.2)', frame(0xc2, octets('x'))],
    ['have an unknown opcode (§5.2)', frame(0x83, octets('x'))],
    ['have an unknown control opcode (§5.2)', frame(0x8b, octets('x'))],
    ['are fragments of a control frame (§5.5)', frame(0x09, octets('x'))],
    ['are control frames with more than 125 octets (§5.5)', frame(0x89, Buffer.alloc(126))],
    ['go on with a message that has not begun (§5.4)', frame(0x80, octets('x'))],
    ['begin a message within another (§5.4)', Buffer.concat([frame(0x02, octets('')), frame(0x82, octets('x'))])],
    [
      'are longer than numbers go (§5.2)',
      Buffer.from([0x82, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4]),
    ],
  ])('MUST fail the connection with 1002 when they %s', (_name, bytes) => {
    const { read, seen } = reading();
    expect(read(Buffer.concat([bytes, frame(0x82, octets('more'))]))).toBe('');
    expect(seen.closes).toEqual([1002]);
  });
});
