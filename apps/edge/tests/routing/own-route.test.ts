import { readRawAll } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { takeOwnRoutes } from '../../src/routing/own-route.ts';
import { requestWith } from '../support/messages.ts';

const isOwn = ({ host }: { readonly host: string }): boolean => host === 'edge.example';

describe('Route of a request that arrives (RFC 3261 §16.4)', () => {
  it('loses the values that name this server, from the top, and no others', () => {
    const request = requestWith('BYE sip:bob@192.0.2.7', [
      'Route: <sip:t2@edge.example;lr>, <sip:t1@edge.example:5060;transport=tcp;lr>',
      'Route: <sip:next.example;lr>',
      'Route: <sip:t3@edge.example;lr>',
    ]);
    const routed = takeOwnRoutes(request, isOwn);
    expect(readRawAll(routed.request, 'Route')).toEqual(['<sip:next.example;lr>', '<sip:t3@edge.example;lr>']);
    expect(routed.tokens).toEqual(['t2', 't1']);
  });

  it('is mended when a strict router put our Record-Route into the Request-URI', () => {
    const request = requestWith('BYE sip:token@edge.example;lr', [
      'Route: <sip:next.example;lr>',
      'Route: <sip:bob@192.0.2.7>',
    ]);
    const routed = takeOwnRoutes(request, isOwn);
    expect(routed.request.requestUri).toBe('sip:bob@192.0.2.7');
    expect(readRawAll(routed.request, 'Route')).toEqual(['<sip:next.example;lr>']);
    expect(routed.tokens).toEqual(['token']);
  });

  it('is left alone when it names somebody else, or cannot be read', () => {
    for (const line of ['Route: <sip:next.example;lr>', 'Route: <nonsense']) {
      const request = requestWith('MESSAGE sip:bob@localhost', [line]);
      expect(takeOwnRoutes(request, isOwn)).toEqual({ request, tokens: [] });
    }
  });
});
