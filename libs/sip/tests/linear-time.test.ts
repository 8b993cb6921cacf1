import { describe, expect, it } from 'vitest';
import type { ByteCodec } from '@parley/prelude';
import { portableCodec } from '@parley/prelude';
import { createSipFramer, field, parseSipMessage, parseUri } from '../src/index.ts';
import { octets } from './support.ts';

/** A codec that counts the octets it looks at or copies. */
function counting(): { codec: ByteCodec; steps: () => number } {
  let steps = 0;
  const codec: ByteCodec = {
    ...portableCodec,
    decodeLatin1(bytes, start, end) {
      steps += end - start;
      return portableCodec.decodeLatin1(bytes, start, end);
    },
    indexOf(bytes, needle, from) {
      const at = portableCodec.indexOf(bytes, needle, from);
      steps += (at === -1 ? bytes.length : at) - from;
      return at;
    },
  };
  return { codec, steps: () => steps };
}

function stepsToFrame(text: string): number {
  const { codec, steps } = counting();
  const framer = createSipFramer({ codec });
  for (const octet of octets(text)) framer.push(Uint8Array.of(octet));
  return steps();
}

const message = (fields: number): string =>
  `OPTIONS sip:a@b SIP/2.0\r\n${'X-Filler: some value\r\n'.repeat(fields)}Content-Length: 0\r\n\r\n`;

describe('time is linear in the octets', () => {
  it('looks at each octet of a head a bounded number of times when it comes octet by octet', () => {
    const once = stepsToFrame(message(100));
    const twice = stepsToFrame(message(200));
    expect(twice / once).toBeLessThan(2.2);
  });

  it('looks at each octet a bounded number of times over many messages', () => {
    const once = stepsToFrame(message(2).repeat(50));
    const twice = stepsToFrame(message(2).repeat(100));
    expect(twice / once).toBeLessThan(2.2);
  });

  /** Texts that make careless expressions try again from every position; each is as long as a head may be. */
  const length = 60_000;
  const hostile = [
    '"'.repeat(length),
    '\\'.repeat(length),
    '<'.repeat(length),
    '"a" '.repeat(length / 4),
    'sip:a@'.padEnd(length, 'b.'),
    'sip:'.padEnd(length, '%41'),
    'sip:a@b'.padEnd(length, ';x'),
    'sip:a@b?'.padEnd(length, 'x=&'),
    'tel:+'.padEnd(length, '-'),
    'urn:'.padEnd(length, 'a%'),
    ' \t'.repeat(length / 2),
    '('.repeat(length),
    ','.repeat(length),
    ';a="'.repeat(length / 4),
    'Digest '.padEnd(length, 'a=b,'),
    `${'1'.repeat(length)} MESSAGE`,
  ];

  it.each(hostile)('reads %s as any field without running away', (text) => {
    for (const definition of Object.values(field)) {
      expect(typeof definition.parse(text).ok).toBe('boolean');
      expect(typeof definition.parse(`<${text}>;a=b`).ok).toBe('boolean');
    }
    expect(typeof parseUri(text).ok).toBe('boolean');
  });

  it.each(['\n', '\r', ':', '\r\n ', 'a\r\n', 'a:\r\n', '\r\n\r'])('parses a head full of %j', (filler) => {
    const head = `OPTIONS sip:a@b SIP/2.0\r\n${filler.repeat(30_000 / filler.length)}\r\n\r\n`;
    expect(typeof parseSipMessage(octets(head)).ok).toBe('boolean');
  });
});
