import { describe, expect, it } from 'vitest';
import {
  cpimHeader,
  headerParameter,
  parseCpim,
  parseCpimAddress,
  parseDateTime,
  serialiseCpimAddress,
  unescapeValue,
} from '../src/index.ts';
import { octets } from './vectors.ts';

const quarter = 1 << 18;

/** Text of about a quarter of a mebibyte, far beyond what limits let through, to show that no step is worse than linear. */
const repeated = (piece: string) => piece.repeat(Math.ceil(quarter / piece.length));
const limits = { maxHeadOctets: 16 * quarter, maxHeaders: quarter };

const pieces = [
  ' ',
  '"',
  '\\',
  '\\a',
  '<',
  '>',
  'a',
  'a ',
  'a:',
  ';',
  ';a="',
  ';a=b',
  '.',
  'a: b\r\n',
  'NS: a <b>\r\n',
  '\r\n',
  '\u00e9',
];

describe('256 KiB of the same', () => {
  it.each(pieces)('%j neither hangs nor throws', (piece) => {
    for (const text of [
      repeated(piece),
      `"${repeated(piece)}`,
      `${repeated(piece)}<a:b>`,
      `2001-02-01T12:16:49.${repeated(piece)}`,
    ]) {
      expect(typeof parseCpimAddress(text).ok).toBe('boolean');
      expect(typeof parseDateTime(text).ok).toBe('boolean');
      expect(unescapeValue(text).length).toBeLessThanOrEqual(text.length);
      expect(headerParameter({ name: 'A', parameters: text, value: '' }, 'nobody')).toBeUndefined();
      expect(serialiseCpimAddress({ formalName: text, uri: 'a:b' })).toContain('<a:b>');
      const message = parseCpim(octets(`A: ${text}\r\n${text}\r\n\r\nContent-Type: a/b\r\n\r\n`), undefined, limits);
      if (message.ok) expect(cpimHeader(message.value.head, 'urn:x', 'S')).toBeUndefined();
    }
  });
});
