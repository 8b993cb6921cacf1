import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { parseMediaRange, parseMediaRanges, parseMediaType, rangeIncludes, serialiseMediaRange } from '../src/index.ts';

const type = (text: string) => unwrap(parseMediaType(text));
const range = (text: string) => unwrap(parseMediaRange(text));

describe('media ranges', () => {
  it('take * for all types (RFC 4975 §8.6)', () => {
    expect(rangeIncludes(range('*'), type('text/plain'))).toBe(true);
    expect(serialiseMediaRange(range('*/*'))).toBe('*');
    expect(serialiseMediaRange(range('*'), '*/*')).toBe('*/*');
  });

  it('take type/* for all of a type (RFC 3261 §20.1)', () => {
    expect(rangeIncludes(range('image/*'), type('image/png'))).toBe(true);
    expect(rangeIncludes(range('image/*'), type('text/png'))).toBe(false);
  });

  it('match with parameters as without (RFC 4975 §8.6)', () => {
    expect(rangeIncludes(range('text/plain;charset=utf-8'), type('TEXT/plain'))).toBe(true);
    expect(rangeIncludes(range('text/html'), type('text/plain'))).toBe(false);
  });

  it('refuse a star before a subtype', () => {
    expect(parseMediaRange('*/plain')).toMatchObject({ error: { rule: 'media-range' } });
  });

  it('come in lists that respect quotes', () => {
    const entries = unwrap(parseMediaRanges('message/cpim text/plain;a="b c" *', ' '));
    expect(entries.map((entry) => serialiseMediaRange(entry))).toEqual(['message/cpim', 'text/plain;a="b c"', '*']);
    const accept = unwrap(parseMediaRanges('text/*;q=0.5, application/sdp;x="a,b"', ','));
    expect(accept.map((entry) => serialiseMediaRange(entry))).toEqual(['text/*;q=0.5', 'application/sdp;x="a,b"']);
    expect(parseMediaRanges('', ',')).toEqual({ ok: true, value: [] });
    expect(parseMediaRanges('text/plain, bad', ',')).toMatchObject({ ok: false });
  });
});
