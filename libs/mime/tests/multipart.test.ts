import { portableCodec, unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Boundary, MimeEntity } from '../src/index.ts';
import {
  boundaryOf,
  contentTypeOf,
  defaultMimeLimits,
  leavesOf,
  mediaEssence,
  newBoundary,
  parseBoundary,
  parseEntity,
  parseMediaType,
  parseMimeTree,
  parseMultipart,
  serialiseEntity,
  serialiseMultipart,
} from '../src/index.ts';
import { latin1, octets, vector } from './vectors.ts';

const boundary = (text: string): Boundary => unwrap(parseBoundary(text));
const parse = (text: string, name = 'b') => parseMultipart(octets(text), boundary(name));
const bodies = (text: string) => unwrap(parse(text)).parts.map((part) => latin1(part.body));

describe('multipart bodies (RFC 2046 §5.1.1)', () => {
  it('give the parts, preamble and epilogue of the RFC’s own example', () => {
    const multipart = unwrap(parseMultipart(vector('rfc2046/valid/simple-boundary.txt'), boundary('simple boundary')));
    expect(multipart.parts.map((part) => latin1(part.body))).toEqual([
      'This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.',
      'This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n',
    ]);
    expect(latin1(multipart.preamble)).toMatch(/^This is the preamble[^]*readers\.\r\n$/);
    expect(latin1(multipart.epilogue)).toContain('This is the epilogue.');
    expect(multipart.closed).toBe(true);
    expect(unwrap(contentTypeOf(multipart.parts[0]!))).toMatchObject({ type: 'text', subtype: 'plain' });
  });

  it('refuse a body without a delimiter line, and a part whose head is malformed', () => {
    expect(parseMultipart(vector('rfc2046/invalid/no-delimiter.txt'), boundary('boundary42'))).toMatchObject({
      error: { rule: 'dash-boundary' },
    });
    expect(parseMultipart(vector('rfc2046/invalid/header-without-colon.txt'), boundary('boundary42'))).toMatchObject({
      error: { rule: 'field-name', offset: 14 },
    });
  });

  it('may start at the boundary, without preamble', () => {
    expect(bodies('--b\r\n\r\none\r\n--b--')).toEqual(['one']);
  });

  it('may have parts without body, without header fields, without anything', () => {
    expect(bodies('--b\r\nA: b\r\n--b\r\n\r\n\r\n--b\r\n--b--')).toEqual(['', '', '']);
  });

  it('leave the CRLF before a delimiter to the delimiter', () => {
    expect(bodies('--b\r\n\r\none\r\n\r\n--b--')).toEqual(['one\r\n']);
  });

  it('take padding behind a boundary, and bare line feeds', () => {
    expect(bodies('--b \t\r\n\r\none\r\n--b-- \r\n')).toEqual(['one']);
    expect(bodies('--b\n\none\n--b--\n')).toEqual(['one']);
  });

  it('end with the last part when the closing delimiter is missing (§5.1.2)', () => {
    const multipart = unwrap(parse('--b\r\n\r\none\r\n--b\r\n\r\ntwo'));
    expect(multipart.closed).toBe(false);
    expect(multipart.parts).toHaveLength(2);
  });

  it('do not take the boundary inside a line, nor a longer one, for a delimiter', () => {
    expect(bodies('--b\r\n\r\nx--b\r\n--bb\r\n--b-\r\n--b--')).toEqual(['x--b\r\n--bb\r\n--b-']);
  });

  it('are views into the input', () => {
    const input = octets('--b\r\n\r\none\r\n--b--');
    expect(unwrap(parseMultipart(input, boundary('b'))).parts[0]?.body.buffer).toBe(input.buffer);
  });

  it('refuse more parts than the limit', () => {
    const limits = { ...defaultMimeLimits, maxParts: 2 };
    const three = octets('--b\r\n\r\n\r\n--b\r\n\r\n\r\n--b\r\n\r\n\r\n--b--');
    expect(parseMultipart(three, boundary('b'), portableCodec, limits)).toMatchObject({
      error: { message: 'too many parts' },
    });
  });

  it('come back from what is written, whatever octets the parts hold', () => {
    const part: fc.Arbitrary<MimeEntity> = fc.record({
      fields: fc.array(fc.record({ name: fc.constant('X-A'), value: fc.stringMatching(/^[!-~]{0,9}$/) }), {
        maxLength: 3,
      }),
      body: fc.uint8Array(),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const unique = boundary('0123456789abcdefghijklmnop');
        const multipart = unwrap(parseMultipart(serialiseMultipart({ parts }, unique), unique));
        expect(multipart.parts.map(({ fields, body }) => ({ fields, body: [...body] }))).toEqual(
          parts.map(({ fields, body }) => ({ fields, body: [...body] })),
        );
        expect(multipart.closed).toBe(true);
      }),
    );
  });

  it('never make the parser throw', () => {
    const pieces = fc.array(fc.constantFrom('--b', '--', '\r\n', '\n', ' ', 'A: b', 'x', '-'));
    fc.assert(fc.property(pieces, (all) => typeof parse(all.join('')).ok === 'boolean'));
  });

  it('write preamble and epilogue where they belong', () => {
    const parts = [{ fields: [], body: octets('one') }];
    const text = latin1(
      serialiseMultipart({ parts, preamble: octets('pre'), epilogue: octets('post') }, boundary('b')),
    );
    expect(text).toBe('pre\r\n--b\r\n\r\none\r\n--b--\r\npost');
  });
});

describe('boundaries (RFC 2046 §5.1.1)', () => {
  it.each(['', 'a'.repeat(71), 'ends in space ', 'a\r\nb', 'a"b', 'ä'])('refuse %j', (text) => {
    expect(parseBoundary(text)).toMatchObject({ error: { rule: 'boundary' } });
  });

  it('come from the media type, which must name one', () => {
    expect(boundaryOf(unwrap(parseMediaType('multipart/mixed; boundary="a b"')))).toEqual({ ok: true, value: 'a b' });
    expect(boundaryOf(unwrap(parseMediaType('multipart/mixed')))).toMatchObject({ ok: false });
  });

  it('are made of random letters and digits', () => {
    const made = newBoundary({ bytes: (length) => new Uint8Array(length) });
    expect(unwrap(parseBoundary(made))).toHaveLength(26);
  });
});

describe('nested multiparts', () => {
  const digest: MimeEntity = {
    fields: [{ name: 'Content-Type', value: 'multipart/mixed; boundary="---- main boundary ----"' }],
    body: vector('rfc2046/valid/digest.txt'),
  };

  it('are taken apart to their leaves, a digest holding messages (RFC 2046 §5.1.5)', () => {
    const leaves = leavesOf(unwrap(parseMimeTree(digest)));
    expect(leaves.map((leaf) => mediaEssence(leaf.mediaType))).toEqual([
      'text/plain',
      'message/rfc822',
      'message/rfc822',
    ]);
  });

  it('are refused below the depth limit', () => {
    const limits = { ...defaultMimeLimits, maxDepth: 1 };
    expect(parseMimeTree(digest, portableCodec, limits)).toMatchObject({
      error: { message: 'multiparts nested too deep' },
    });
  });

  it('are refused without a boundary, with a bad type, with a bad part', () => {
    const of = (value: string, body = '') =>
      parseMimeTree({ fields: [{ name: 'content-type', value }], body: octets(body) });
    expect(of('multipart/mixed')).toMatchObject({ error: { rule: 'boundary' } });
    expect(of('nonsense')).toMatchObject({ error: { rule: 'content' } });
    expect(of('multipart/mixed;boundary=b')).toMatchObject({ error: { rule: 'dash-boundary' } });
    expect(of('multipart/mixed;boundary=b', '--b\r\nContent-Type: x\r\n\r\n\r\n--b--')).toMatchObject({ ok: false });
  });
});

describe('entities', () => {
  it('come back from what is written', () => {
    const entity = { fields: [{ name: 'Content-Type', value: 'text/plain' }], body: octets('hé\0') };
    expect(unwrap(parseEntity(serialiseEntity(entity)))).toEqual(entity);
  });
});
