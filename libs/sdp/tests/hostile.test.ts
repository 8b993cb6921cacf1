import { describe, expect, it } from 'vitest';
import { isMsrpMedia, parseMsrpMedia, parseSdp, readChatroom, readFingerprint } from '../src/index.ts';
import { octets } from './vectors.ts';

const quarter = 1 << 18;

/** Text of about a quarter of a mebibyte, far beyond what limits let through, to show that no step is worse than linear. */
const repeated = (piece: string) => piece.repeat(Math.ceil(quarter / piece.length));
const limits = { maxOctets: 16 * quarter, maxLines: quarter, maxMedia: quarter };
const head = 'v=0\no=- 1 1 IN IP4 h\ns=-\nt=0 0\n';

const pieces = [
  '\n',
  '\r',
  ' ',
  'a=x\n',
  'a=',
  '1',
  '1 ',
  '/',
  '"',
  '\\',
  ':',
  'AB:',
  'm=message 1 TCP/MSRP *\n',
  't=0 0\n',
  'c=IN IP4 h\n',
];

describe('256 KiB of the same', () => {
  it.each(pieces)('%j neither hangs nor throws', (piece) => {
    const text = repeated(piece);
    expect(typeof readChatroom(text)).not.toBe('function');
    expect(typeof readFingerprint(`sha-1 ${text}`)).not.toBe('function');
    for (const line of [
      '',
      'a=',
      'o=',
      't=1 ',
      'm=message 9 TCP/MSRP *\na=path:',
      'm=message 9 TCP/MSRP *\na=path:msrp://h/a\na=accept-types:',
    ]) {
      const parsed = parseSdp(octets(`${head}${line}${text}`), undefined, limits);
      const media = parsed.ok ? parsed.value.media.find(isMsrpMedia) : undefined;
      if (parsed.ok && media !== undefined) expect(typeof parseMsrpMedia(parsed.value, media).ok).toBe('boolean');
    }
  });
});
