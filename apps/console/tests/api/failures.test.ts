import { describe, expect, it } from 'vitest';
import { runningConsole, token } from '../fixtures/running-console.ts';

const bearer = { authorization: `Bearer ${token}` };

describe('who may use the API', () => {
  it('answers 401 with WWW-Authenticate to whoever lacks the token (RFC 6750 §3)', async () => {
    await using running = await runningConsole();
    for (const authorization of [undefined, '', 'Bearer', 'Bearer nope', `Basic ${token}`, `Bearer ${token}x`]) {
      const headers = authorization === undefined ? {} : { authorization };
      const response = await fetch(`${running.url}/api/v1/users`, { headers });
      expect(response.status, authorization).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
      expect(await response.json()).toMatchObject({ error: { code: 'unauthorized' } });
    }
    const lower = await fetch(`${running.url}/api/v1/users`, { headers: { authorization: `bearer ${token}` } });
    expect(lower.status).toBe(200);
  });

  it('tells a stranger nothing of which paths exist', async () => {
    await using running = await runningConsole();
    expect((await fetch(`${running.url}/api/v1/nothing`)).status).toBe(401);
    expect((await fetch(`${running.url}/api/v1/users`, { method: 'PATCH' })).status).toBe(401);
  });

  it('lets nobody in when no token is set', async () => {
    await using running = await runningConsole('');
    const response = await running.call('GET', '/users');
    expect([response.status, await response.json()]).toMatchObject([503, { error: { code: 'api-disabled' } }]);
  });
});

describe('requests that cannot be served', () => {
  it('answers 404 for an unknown path and 405 with Allow for an unknown method', async () => {
    await using running = await runningConsole();
    const lost = await running.call('GET', '/nothing');
    expect([lost.status, await lost.json()]).toMatchObject([404, { error: { code: 'no-such-endpoint' } }]);
    const wrong = await running.call('PATCH', '/users/alice', {});
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, DELETE, HEAD']);
    const page = await fetch(`${running.url}/`, { method: 'POST' });
    expect([page.status, page.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${running.url}/favicon.ico`)).status).toBe(404);
  });

  it('reads a body without a type as JSON (RFC 9110 §8.3)', async () => {
    await using running = await runningConsole();
    const body = new TextEncoder().encode('{}'); // of which fetch says no type
    const response = await fetch(`${running.url}/api/v1/users`, { method: 'POST', headers: bearer, body });
    expect(response.status).toBe(400);
  });

  it('answers 415 to what is not JSON', async () => {
    await using running = await runningConsole();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1']) {
      const headers = { ...bearer, 'content-type': type };
      const response = await fetch(`${running.url}/api/v1/users`, { method: 'POST', headers, body: '{}' });
      expect([response.status, response.headers.get('accept')], type).toEqual([415, 'application/json']);
    }
    const headers = { ...bearer, 'content-type': 'application/json;charset=UTF-8' };
    const body = '{"name":"frank","password":"x"}';
    expect((await fetch(`${running.url}/api/v1/users`, { method: 'POST', headers, body })).status).toBe(201);
  });

  it('answers 413 to a body above the limit, told or found out', async () => {
    await using running = await runningConsole();
    const headers = { ...bearer, 'content-type': 'application/json' };
    const body = `{"name":"${'x'.repeat(200_000)}"}`;
    const told = await fetch(`${running.url}/api/v1/users`, { method: 'POST', headers, body });
    expect([told.status, await told.json()]).toMatchObject([413, { error: { code: 'too-large' } }]);
    const stream = new Blob([body]).stream();
    const found = await fetch(`${running.url}/api/v1/users`, { method: 'POST', headers, body: stream, duplex: 'half' });
    expect(found.status).toBe(413);
  });

  it('answers 400 to what only says that it is JSON', async () => {
    await using running = await runningConsole();
    const headers = { ...bearer, 'content-type': 'application/json' };
    for (const body of ['', '{', '{"name":"\u0001"}', new Uint8Array([0x22, 0xff, 0x22])]) {
      const response = await fetch(`${running.url}/api/v1/users`, { method: 'POST', headers, body });
      expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'malformed-json' } }]);
    }
  });
});

describe('services that cannot answer', () => {
  it('answers 503 with Retry-After while NATS is away, and works again when it is back', async () => {
    await using running = await runningConsole();
    running.broker.goAway();
    for (const path of ['/users', '/rooms', '/rooms/lobby', '/services']) {
      const response = await running.call('GET', path);
      expect([response.status, response.headers.get('retry-after')], path).toEqual([503, '5']);
      expect(await response.json()).toEqual({ error: { code: 'unavailable', message: 'NATS is away' } });
    }
    running.broker.comeBack();
    expect((await running.call('GET', '/users')).status).toBe(200);
  });

  it('passes on what a service refuses, with the time after which to try again', async () => {
    await using running = await runningConsole();
    const value = { status: 503, phrase: 'Store Unreachable', message: 'NATS did not store it', retryAfter: 7 };
    running.edge.next = { outcome: { kind: 'refusal', value } };
    const response = await running.call('GET', '/users/alice');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7']);
    expect(await response.json()).toEqual({
      error: { code: 'unavailable', message: 'Store Unreachable: NATS did not store it' },
    });
  });

  it('answers 502 to an answer that it does not know', async () => {
    await using running = await runningConsole();
    running.edge.next = { outcome: undefined };
    const response = await running.call('GET', '/users/alice');
    expect([response.status, await response.json()]).toMatchObject([502, { error: { code: 'bad-answer' } }]);
  });
});
