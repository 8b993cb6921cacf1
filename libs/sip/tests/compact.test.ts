import fc from 'fast-check';
import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import {
  compactResponse,
  createResponse,
  field,
  read,
  readRaw,
  readRawAll,
  serialise,
  startLineOf,
  withBody,
  withoutFirst,
  withTop,
} from '../src/index.ts';
import { rawValue, token } from './arbitraries.ts';
import { octets, request } from './support.ts';

const response = createResponse({
  statusCode: 486,
  reasonPhrase: 'Busy for a Good While',
  fields: [
    ['Via', 'SIP/2.0/UDP a;branch=z9hG4bK1'],
    ['Via', 'SIP/2.0/UDP b'],
    ['To', '<sip:b@c>;tag=x'],
  ],
  body: octets('hi'),
});

describe('a response kept as one text', () => {
  it('is the same response', () => {
    const kept = compactResponse(response);
    expect(serialise(kept)).toEqual(serialise(response));
    expect(kept.reasonPhrase).toBe(response.reasonPhrase);
    expect(readRawAll(kept, 'Via')).toEqual(readRawAll(response, 'Via'));
    expect(unwrap(read(kept, field.to))?.tag).toBe('x');
    expect(kept.body).not.toBe(response.body);
  });

  it('can be edited like any other', () => {
    const popped = withoutFirst(compactResponse(response), field.via);
    expect(readRaw(popped, 'Via')).toBe('SIP/2.0/UDP b');
    const pushed = withTop(compactResponse(response), field.via, unwrap(field.via.parse('SIP/2.0/TCP c')));
    expect(readRawAll(pushed, 'Via')[0]).toBe('SIP/2.0/TCP c');
  });

  it('announces the length of the body that it has (RFC 3261 §20.14)', () => {
    const longer = { ...compactResponse(response), body: octets('longer') };
    expect(new TextDecoder().decode(serialise(longer))).toContain('Content-Length: 6\r\n\r\nlonger');
    expect(readRaw(compactResponse(withBody(response, undefined, octets(''))), 'Content-Length')).toBe('0');
  });

  it('is the same whatever its fields', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(token, rawValue)), (fields) => {
        const any = createResponse({ statusCode: 200, fields });
        expect(serialise(compactResponse(any))).toEqual(serialise(any));
      }),
    );
  });
});

describe('the start-line of a request', () => {
  it('is all that is left of it', () => {
    const left = startLineOf(request('MESSAGE sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nContent-Length: 2\r\n\r\nhi'));
    expect(new TextDecoder().decode(serialise(left))).toBe('MESSAGE sip:b@c SIP/2.0\r\nContent-Length: 0\r\n\r\n');
  });
});
