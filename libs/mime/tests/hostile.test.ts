import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import {
  decodeQuotedPrintable,
  parseBoundary,
  parseContentDisposition,
  parseContentId,
  parseFields,
  parseMediaRanges,
  parseMediaType,
  parseMimeHead,
  parseMultipart,
} from '../src/index.ts';
import { octets } from './vectors.ts';

const mega = 1 << 20;

/** Text of about one mebibyte, far beyond what limits let through, to show that no step is worse than linear. */
const repeated = (piece: string) => piece.repeat(Math.ceil(mega / piece.length));

const pieces = [
  '(',
  ')',
  ' ',
  '\t',
  '"',
  '\\',
  '\\a',
  ';',
  '=',
  'a',
  ';a=b',
  ';a="',
  '" "',
  ',',
  '/',
  '\r\n ',
  ': ',
  '<',
  'a@',
];

describe('1 MiB of the same', () => {
  it.each(pieces)('%j neither hangs nor throws in the parsers of field values', (piece) => {
    for (const text of [repeated(piece), `text/plain${repeated(piece)}`, `text/plain;a="${repeated(piece)}`]) {
      for (const parse of [parseMediaType, parseContentDisposition, parseContentId, parseBoundary, parseFields]) {
        expect(typeof parse(text).ok).toBe('boolean');
      }
      expect(typeof parseMediaRanges(text, ',').ok).toBe('boolean');
      expect(typeof parseMediaRanges(text, ' ').ok).toBe('boolean');
    }
  });

  it.each(['\r\n--b', '--b', '\r\n--b ', '\r\n--b\t\t\t\t', '-', '\r\n', '\r\n--b-', '=', '= ', '=\r\n'])(
    '%j neither hangs nor throws in the parsers of bodies',
    (piece) => {
      const bytes = octets(`--b\r\n\r\n${repeated(piece)}`);
      expect(typeof parseMultipart(bytes, unwrap(parseBoundary('b'))).ok).toBe('boolean');
      expect(typeof parseMimeHead(bytes).ok).toBe('boolean');
      expect(decodeQuotedPrintable(bytes).length).toBeLessThanOrEqual(bytes.length);
    },
  );
});
