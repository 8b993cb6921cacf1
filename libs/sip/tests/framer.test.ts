import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FramerEvent } from '../src/index.ts';
import { createSipFramer, readRaw, serialise } from '../src/index.ts';
import { octets, vector } from './support.ts';

const limits = { headOctets: 600, fieldCount: 20, bodyOctets: 64 };

/** What an event says, without where its octets stand. */
function told(event: FramerEvent): unknown {
  if (event.kind === 'message') return [event.kind, ...serialise(event.message)];
  if (event.kind === 'error')
    return [event.kind, event.fatal, event.error.rule, event.error.status, event.error.offset];
  return event.kind;
}

function frame(pieces: readonly Uint8Array[]): unknown[] {
  const framer = createSipFramer({ limits });
  return pieces.flatMap((piece) => framer.push(piece).map(told));
}

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => bytes.slice(places[i], end));
}

const head = 'MESSAGE sip:b@c SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nCall-ID: 1\r\n';
const whole = `${head}Content-Length: 5\r\n\r\nhello`;
const piece = fc.constantFrom(
  whole,
  `${head}l: 0\r\n\r\n`,
  `SIP/2.0 200 OK\r\nCall-ID: 1\r\nContent-Length: 1\r\n\r\nx`,
  '\r\n',
  '\r\n\r\n',
  `MESSAGE sip:b@c SIP/7.0\r\nContent-Length: 3\r\n\r\nabc`,
  `${head}broken line\r\nContent-Length: 2\r\n\r\nab`,
  `${head}Content-Length: 100\r\n\r\n${'z'.repeat(100)}`,
);
const ending = fc.constantFrom('', head, `${head}\r\n`, `${head}l: -1\r\n\r\n`, 'x'.repeat(700), '\r', '\rX\r\n\r\n');

describe('framer of a stream', () => {
  it('gives the same events for any split of the octets (RFC 3261 §18.3)', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }),
        ending,
        fc.array(fc.nat(), { maxLength: 12 }),
        (parts, end, cuts) => {
          const bytes = octets(parts.join('') + end);
          const expected = frame([bytes]);
          expect(frame(cutAt(bytes, cuts))).toEqual(expected);
          expect(frame(Array.from(bytes, (octet) => Uint8Array.of(octet)))).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('takes any octets in any pieces without throwing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 10 }), (pieces) => {
        expect(Array.isArray(frame(pieces))).toBe(true);
      }),
    );
  });

  it('MUST ignore CRLF before a start-line, and tells keep-alives (RFC 3261 §7.5, RFC 5626 §3.5.1)', () => {
    const kinds = createSipFramer()
      .push(octets(`\r\n\r\n${whole}\r\n`))
      .map((event) => event.kind);
    expect(kinds).toEqual(['pong', 'ping', 'message', 'pong']);
  });

  it('needs Content-Length (RFC 3261 §18.3)', () => {
    const framer = createSipFramer();
    expect(framer.push(octets(`${head}\r\n`))).toMatchObject([
      { kind: 'error', fatal: true, error: { rule: 'Content-Length', status: 400 } },
    ]);
    expect(framer.push(octets(whole))).toEqual([]);
  });

  it('passes over a body beyond the limit and goes on (RFC 3261 §21.4.11)', () => {
    const framer = createSipFramer({ limits });
    const events = framer.push(octets(`${head}Content-Length: 100\r\n\r\n${'z'.repeat(100)}${whole}`));
    expect(events).toMatchObject([{ kind: 'error', fatal: false, error: { status: 413 } }, { kind: 'message' }]);
  });

  it('goes on behind a malformed message whose length is known', () => {
    const framer = createSipFramer();
    const events = framer.push(octets(`MESSAGE sip:b@c SIP/3.0\r\nl: 2\r\n\r\nab${whole}`));
    expect(events).toMatchObject([{ kind: 'error', fatal: false, error: { status: 505 } }, { kind: 'message' }]);
  });

  it('goes on behind a message that its owner threw at', () => {
    const framer = createSipFramer();
    const got: FramerEvent[] = [];
    const hear = (event: FramerEvent): boolean => {
      if (got.push(event) === 1) throw new Error('this one alone');
      return true;
    };
    const three = octets(whole + whole + whole);
    expect(() => {
      framer.feed(three.subarray(0, whole.length + 20), hear);
    }).toThrow('this one alone');
    expect(framer.incomplete).toBe(true);
    framer.feed(three.subarray(whole.length + 20), hear);
    expect(got.map(({ kind }) => kind)).toEqual(['message', 'message', 'message']);
    expect(framer.incomplete).toBe(false);
  });

  it('tells nothing more to who does not want it', () => {
    const framer = createSipFramer();
    const got: FramerEvent[] = [];
    framer.feed(octets(whole + whole), (event) => got.push(event) < 1);
    expect(got).toHaveLength(1);
    expect(framer.push(octets(whole))).toEqual([]);
    expect(framer.incomplete).toBe(false);
  });

  it('ends at a head that grows beyond the limit, however it comes', () => {
    const framer = createSipFramer({ limits });
    let events: readonly FramerEvent[] = [];
    let pushed = 0;
    while (events.length === 0) {
      events = framer.push(octets('a'));
      pushed++;
    }
    expect(pushed).toBe(limits.headOctets + 1);
    expect(events).toMatchObject([{ kind: 'error', fatal: true, error: { status: undefined } }]);
  });

  it('cuts apart what RFC 4475 puts into one datagram (§3.1.1.8)', () => {
    const events = createSipFramer().push(vector('rfc4475/valid/dblreq'));
    expect(events.map((event) => event.kind).slice(0, 3)).toEqual(['message', 'pong', 'message']);
    const [, , invite] = events;
    expect(invite?.kind === 'message' && readRaw(invite.message, 'call-id')).toBe(
      'dblreq.0ha0isnda977644900765@192.0.2.15',
    );
  });
});
