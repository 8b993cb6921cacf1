import { describe, expect, it } from 'vitest';
import { parseServers } from '../src/nats/server-url.ts';

describe('URLs of NATS', () => {
  it('give servers, and the credentials apart from what is shown', () => {
    expect(parseServers('nats://s%40crEt@127.0.0.1:4222')).toEqual({
      ok: true,
      value: { servers: ['nats://127.0.0.1:4222'], shown: 'nats://127.0.0.1:4222', token: 's@crEt' },
    });
    expect(parseServers('nats://ann:pw@a:1, tls://b:2/ ,c:3')).toEqual({
      ok: true,
      value: {
        servers: ['nats://a:1', 'tls://b:2', 'c:3'],
        shown: 'nats://a:1,tls://b:2,c:3',
        user: 'ann',
        pass: 'pw',
      },
    });
  });
  it('are refused without repeating them, for they may hold a secret', () => {
    for (const bad of ['', 'localhost', 'http://a:1', 'nats://', 'nats://a b:1']) {
      expect(parseServers(bad), bad).toMatchObject({ ok: false, error: { reason: 'refused' } });
    }
  });
});
