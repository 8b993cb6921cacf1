import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableCodec, unwrap } from '@parley/prelude';
import { defaultSipLimits, parseSipMessage, readRaw, serialise } from '../src/index.ts';
import { failure, message, octets } from './support.ts';

const rule = (text: string): string => failure(parseSipMessage(octets(text))).rule;

describe('start-line (RFC 3261 §7.1, §7.2)', () => {
  it.each([
    ['MESSAGE sip:a@b sip/2.0', { method: 'MESSAGE', requestUri: 'sip:a@b' }],
    ['x-%Y im:a@b SIP/2.0', { method: 'x-%Y', requestUri: 'im:a@b' }],
    ['message im:a@b SIP/2.0', { method: 'message' }],
    ['MESSAGES im:a@b SIP/2.0', { method: 'MESSAGES' }],
    ['NOTIFI im:a@b SIP/2.0', { method: 'NOTIFI' }],
    ['SIP/2.0 200 OK', { statusCode: 200, reasonPhrase: 'OK' }],
    ['sip/2.0 699 ', { statusCode: 699, reasonPhrase: '' }],
    ['SIP/2.0 180', { statusCode: 180, reasonPhrase: '' }],
    ['SIP/2.0 200 a  b\tc', { reasonPhrase: 'a  b\tc' }],
  ])('takes %j', (line, parts) => {
    expect(message(`${line}\r\nl: 0\r\n\r\n`)).toMatchObject(parts);
  });

  it.each([
    ['', 'SIP-message'],
    ['MESSAGE', 'Request-Line'],
    ['MESSAGE sip:a@b', 'Request-URI'],
    ['MESSAGE sip:a@b SIP/2', 'SIP-Version'],
    ['MESSAGE sip:a@b SIP/2.1', 'SIP-Version'],
    ['MES SAGE sip:a@b SIP/2.0', 'Request-URI'],
    ['MES(SAGE sip:a@b SIP/2.0', 'Request-Line'],
    ['MESSAGE\tsip:a@b SIP/2.0', 'Request-Line'],
    ['MESSAGE <sip:a@b> SIP/2.0', 'Request-URI'],
    ['MESSAGE sip:\u00e9@b SIP/2.0', 'Request-URI'],
    ['SIP/2.0 099 x', 'Status-Code'],
    ['SIP/2.0 700 x', 'Status-Code'],
    ['SIP/2.0 2000 x', 'Status-Code'],
    ['SIP/2.0 2:0 x', 'Status-Code'],
    ['SIP/2.0 20/ x', 'Status-Code'],
    ['SIP/2.0  200 x', 'Status-Code'],
    ['SIP/2.0', 'Status-Code'],
    ['SIP/2.0 200 a\u0000', 'Reason-Phrase'],
    ['SIP/3.0 200 OK', 'SIP-Version'],
  ])('refuses %j', (line, expected) => {
    expect(rule(`${line}\r\nl: 0\r\n\r\n`)).toBe(expected === 'SIP-message' ? 'Request-Line' : expected);
  });

  it('asks for no answer to what is no request', () => {
    expect(failure(parseSipMessage(octets('SIP/3.0 200 OK\r\n\r\n'))).status).toBeUndefined();
    expect(failure(parseSipMessage(octets('\0\0\0\0\r\n\r\n')))).toMatchObject({
      status: undefined,
      salvaged: undefined,
    });
    expect(failure(parseSipMessage(new Uint8Array()))).toMatchObject({ rule: 'SIP-message', status: undefined });
  });
});

describe('header fields (RFC 3261 §7.3)', () => {
  const read = (line: string, name: string): string | undefined =>
    readRaw(message(`SIP/2.0 200 OK\r\n${line}\r\n\r\n`), name);

  it('finds a name in any case, long or compact, with blanks around the colon', () => {
    expect(read('CALL-id \t:  x ', 'Call-ID')).toBe('x');
    expect(read('i:x', 'call-id')).toBe('x');
    expect(read('Call-ID:x', 'I')).toBe('x');
    expect(read('x-NEW:  a  b', 'X-new')).toBe('a  b');
    expect(read('x-new:', 'x-new')).toBe('');
  });

  it('replaces a fold by one space', () => {
    expect(read('Subject: I know\r\n \t you\r\n  \r\n\tare', 's')).toBe('I know you are');
    expect(read('Subject:\r\n x', 's')).toBe('x');
  });

  it('keeps octets of UTF-8 that other sets count as blanks', () => {
    expect(read('Subject: \u00c3\u00a0', 'Subject')).toBe('\u00c3\u00a0');
  });

  it.each(['no colon', ': no name', 'two words: x', 'a\u00e9: x', 'a\rb: x', 'a: x\ny: z', 'a: x\ry'])(
    'refuses the line %j',
    (line) => {
      expect(rule(`SIP/2.0 200 OK\r\na: b\r\n${line}\r\n\r\n`)).toBe('message-header');
    },
  );

  it('refuses a fold with nothing to go on from', () => {
    expect(rule('SIP/2.0 200 OK\r\n a: b\r\n\r\n')).toBe('message-header');
  });

  it('keeps what is well-formed beside what is not', () => {
    const error = failure(parseSipMessage(octets('MESSAGE sip:a@b SIP/2.0\r\nbad line\r\nVia: x\r\n\r\n')));
    expect(error).toMatchObject({ status: 400, rule: 'message-header' });
    expect(error.salvaged && readRaw(error.salvaged, 'Via')).toBe('x');
  });
});

describe('body of a datagram (RFC 3261 §18.3)', () => {
  it('is what Content-Length says, or the rest', () => {
    expect(message('SIP/2.0 200 OK\r\nl: 2\r\n\r\nabcd').body).toEqual(octets('ab'));
    expect(message('SIP/2.0 200 OK\r\n\r\nabcd').body).toEqual(octets('abcd'));
  });

  it.each(['3', '-1', 'x', '', '1 1', '+1', '0x1', '9999999999999999'])(
    'refuses a length of %j for two octets',
    (length) => {
      expect(failure(parseSipMessage(octets(`A sip:b SIP/2.0\r\nContent-Length: ${length}\r\n\r\nab`))).status).toBe(
        400,
      );
    },
  );
});

describe('limits', () => {
  const limits = { headOctets: 100, fieldCount: 3, bodyOctets: 4 };
  const status = (text: string): number | undefined => {
    const result = parseSipMessage(octets(text), { limits });
    return result.ok ? 200 : result.error.status;
  };

  it('are octets of the head, fields, and octets of the body', () => {
    expect(status('A sip:b SIP/2.0\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\nbody')).toBe(200);
    expect(status('A sip:b SIP/2.0\r\na: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n\r\n')).toBe(400);
    expect(status(`A sip:b SIP/2.0\r\na: ${'x'.repeat(100)}\r\n\r\n`)).toBe(513);
    expect(status('A sip:b SIP/2.0\r\n\r\nbodies')).toBe(413);
    expect(status('A sip:b SIP/2.0\r\nl: 5\r\n\r\nbodies')).toBe(413);
  });

  it('are generous by default', () => {
    expect(defaultSipLimits).toEqual({ headOctets: 65_535, fieldCount: 256, bodyOctets: 1_048_576 });
  });
});

describe('any octets', () => {
  it('never make parsing throw, and what is accepted is written back the same', () => {
    const parts = fc.constantFrom(
      'MESSAGE ',
      'sip:a@b',
      ' SIP/2.0',
      '\r\n',
      'Via',
      ': ',
      ',',
      'l: 1',
      '\r\n\r\n',
      'x',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 20 }), (pieces) => {
        const result = parseSipMessage(octets(pieces.join('')), { codec: portableCodec });
        if (result.ok) expect(unwrap(parseSipMessage(serialise(result.value))).kind).toBe(result.value.kind);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof parseSipMessage(bytes).ok).toBe('boolean');
      }),
    );
  });
});
