import { readRawAll } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { nextHop } from '../../src/routing/next-hop.ts';
import { withSipUri } from '../../src/routing/im-uri.ts';
import { copyFor } from '../../src/routing/forward-request.ts';
import { requestWith } from '../support/messages.ts';

describe('The next hop (RFC 3261 §16.6 (6, 7))', () => {
  it('is the Request-URI where no Route is left', () => {
    const hop = nextHop(requestWith('MESSAGE sip:zoe@far.example'));
    expect(hop?.uri).toMatchObject({ kind: 'sip', host: 'far.example' });
  });

  it('is the topmost Route, which stays, where that is a loose router', () => {
    const request = requestWith('MESSAGE sip:zoe@far.example', ['Route: <sip:p1.example;lr>, <sip:p2.example;lr>']);
    const hop = nextHop(request);
    expect(hop?.uri).toMatchObject({ host: 'p1.example' });
    expect(hop?.request).toBe(request);
  });

  it('MUST stand in the Request-URI where it is a strict router, the target behind the Route of the others', () => {
    const hop = nextHop(
      requestWith('MESSAGE sip:zoe@far.example;x=1', ['Route: <sip:p1.example;transport=tcp>, <sip:p2.example;lr>']),
    );
    expect(hop?.request.requestUri).toBe('sip:p1.example;transport=tcp');
    expect(hop && readRawAll(hop.request, 'Route')).toEqual(['<sip:p2.example;lr>', '<sip:zoe@far.example;x=1>']);
  });

  it('is nowhere when the Route is nonsense', () => {
    expect(nextHop(requestWith('MESSAGE sip:zoe@far.example', ['Route: <tel:1>']))).toBeUndefined();
    expect(nextHop(requestWith('MESSAGE sip:zoe@far.example', ['Route: nonsense']))).toBeUndefined();
  });

  it('of a binding is its Path, strict or loose (RFC 3327 §5.3)', () => {
    const request = requestWith('MESSAGE sip:bob@localhost');
    const loose = copyFor(request, 'sip:bob@192.0.2.7', ['<sip:p1.example;lr>', '<sip:p2.example;lr>']);
    expect([loose.requestUri, readRawAll(loose, 'Route')]).toEqual([
      'sip:bob@192.0.2.7',
      ['<sip:p1.example;lr>', '<sip:p2.example;lr>'],
    ]);
    const strict = copyFor(request, 'sip:bob@192.0.2.7', ['<sip:p1.example>', '<sip:p2.example;lr>']);
    expect([strict.requestUri, readRawAll(strict, 'Route')]).toEqual([
      'sip:p1.example',
      ['<sip:p2.example;lr>', '<sip:bob@192.0.2.7>'],
    ]);
  });

  it('gets a SIP URI in place of im: (RFC 3428 §5)', () => {
    expect(withSipUri(requestWith('MESSAGE im:zoe@far.example')).requestUri).toBe('sip:zoe@far.example');
    expect(withSipUri(requestWith('MESSAGE sip:zoe@far.example')).requestUri).toBe('sip:zoe@far.example');
  });
});
