import { hash } from 'node:crypto';
import { encodeUtf8 } from '@parley/prelude';
import { field, read, readRaw, withRawField } from '@parley/sip';
import type { SipMessage, SipRequest } from '@parley/sip';
import { accountSecrets, challenge, createNonceIssuer, dialogId, verify } from '@parley/sip-stack';
import { seededRandom, SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { SipFailureError } from '../../src/index.ts';
import type { Call, Reply } from '../../src/index.ts';
import { scene } from '../scene.ts';

const digestHash = { md5: (text: string) => hash('md5', text), sha256: (text: string) => hash('sha256', text) };
const hello = { contentType: 'text/plain', body: encodeUtf8('hello') };

function requests(messages: readonly SipMessage[], method: string): SipRequest[] {
  return messages.filter((message): message is SipRequest => message.kind === 'request' && message.method === method);
}

/** What a registrar answers to REGISTER: challenges, then takes anything of at least a minute. */
function registrar() {
  const clock = new SimulatedClock();
  const issuer = createNonceIssuer({
    instance: 'test',
    keys: () => [{ id: '1', sign: (text: string) => digestHash.sha256(`secret ${text}`) }],
    clock,
    random: seededRandom(1),
  });
  const secrets = accountSecrets('alice', 'example.com', 'example.com', 'wonderland', digestHash);
  return (request: SipRequest): Reply | undefined => {
    if (request.method !== 'REGISTER') return undefined;
    const credentials = read(request, field.authorization);
    const digest = credentials.ok && credentials.value?.kind === 'digest' ? credentials.value : undefined;
    const ha1 = (name: string, family: string) =>
      name !== 'alice' ? undefined : family === 'MD5' ? secrets.name.md5 : secrets.name.sha256;
    const verdict = digest && verify(request, digest, { hash: digestHash, issuer, ha1 });
    if (verdict?.kind !== 'authorised') {
      const nonce = issuer.issue();
      return { status: 401, fields: challenge('uas', { realm: 'example.com', nonce, algorithms: ['SHA-256', 'MD5'] }) };
    }
    const expires = read(request, field.expires);
    const seconds = expires.ok ? (expires.value ?? 0) : 0;
    if (seconds > 0 && seconds < 60) return { status: 423, fields: [['Min-Expires', '60']] };
    const contact = (readRaw(request, 'Contact') ?? '').replace(/;expires=\d+/, `;expires=${seconds}`);
    return { status: 200, fields: seconds === 0 ? [] : [['Contact', contact]] };
  };
}

describe('registration', () => {
  it('MUST answer a digest challenge with the next CSeq and the same Call-ID (RFC 3261 §22.2, §10.2)', async () => {
    const { alice, settle, sentByAlice } = scene({ password: 'wonderland' }, { onRequest: registrar() });
    const registration = await settle(alice.register({ expires: 600 }));
    const [first, second] = requests(sentByAlice(), 'REGISTER');
    expect(first?.requestUri).toBe('sip:example.com');
    expect([first, second].map((request) => readRaw(request!, 'CSeq'))).toEqual(['1 REGISTER', '2 REGISTER']);
    expect(readRaw(first!, 'Call-ID')).toBe(readRaw(second!, 'Call-ID'));
    expect(registration.response?.statusCode).toBe(200);
  });

  it('gives up with the status when the password is wrong', async () => {
    const { alice, settle, sentByAlice } = scene({ password: 'through the looking-glass' }, { onRequest: registrar() });
    await expect(settle(alice.register())).rejects.toMatchObject({ name: 'SipFailureError', status: 401 });
    expect(requests(sentByAlice(), 'REGISTER')).toHaveLength(2);
  });

  it('asks again for the shortest time that a 423 allows (RFC 3261 §10.2.8)', async () => {
    const { alice, settle, sentByAlice } = scene({ password: 'wonderland' }, { onRequest: registrar() });
    await settle(alice.register({ expires: 10 }));
    expect(requests(sentByAlice(), 'REGISTER').map((request) => readRaw(request, 'Expires'))).toEqual([
      '10',
      '10',
      '60',
    ]);
  });

  it('refreshes before the binding ends, and stops when it is removed (RFC 3261 §10.2.4)', async () => {
    const { alice, clock, settle, sentByAlice } = scene({ password: 'wonderland' }, { onRequest: registrar() });
    const registration = await settle(alice.register({ expires: 600 }));
    await clock.run(600_000);
    const refreshes = requests(sentByAlice(), 'REGISTER').length;
    expect(refreshes).toBe(3);
    expect((await settle(registration.unregister())).statusCode).toBe(200);
    await clock.run(3_600_000);
    expect(requests(sentByAlice(), 'REGISTER').map((request) => readRaw(request, 'Expires'))).toEqual([
      '600',
      '600',
      '600',
      '0',
    ]);
  });

  it('binds anew at once when the flow is lost (RFC 5626 §4.5)', async () => {
    const { alice, clock, settle, sentByAlice, cut } = scene({ password: 'wonderland' }, { onRequest: registrar() });
    await settle(alice.register());
    cut();
    await clock.run(1_000);
    expect(requests(sentByAlice(), 'REGISTER')).toHaveLength(3);
  });
});

describe('page mode (RFC 3428)', () => {
  it('sends a MESSAGE and gives the final response, 200 unless the handler says otherwise', async () => {
    const heard: string[] = [];
    const { alice, settle } = scene(
      {},
      { onMessage: (request) => (heard.push(new TextDecoder().decode(request.body)), { status: 202 }) },
    );
    const response = await settle(alice.sendMessage('sip:bob@example.com', hello));
    expect(response.statusCode).toBe(202);
    expect(heard).toEqual(['hello']);
    const silent = scene();
    expect((await silent.settle(silent.alice.sendMessage('sip:bob@example.com', hello))).statusCode).toBe(200);
  });

  it('MUST NOT have a Contact in a MESSAGE (RFC 3428 §4)', async () => {
    const { alice, settle, sentByAlice } = scene();
    await settle(alice.sendMessage('sip:bob@example.com', hello));
    expect(readRaw(requests(sentByAlice(), 'MESSAGE')[0]!, 'Contact')).toBeUndefined();
  });

  it('counts no answer as 408 (RFC 3261 §8.1.3.1)', async () => {
    const { alice, settle } = scene({}, { onMessage: () => new Promise(() => {}) });
    expect((await settle(alice.sendMessage('sip:bob@example.com', hello))).statusCode).toBe(408);
  });

  it('answers 500 when its own handler fails (RFC 3261 §21.5.1)', async () => {
    const { alice, settle } = scene({}, { onMessage: () => Promise.reject(new Error('no')) });
    expect((await settle(alice.sendMessage('sip:bob@example.com', hello))).statusCode).toBe(500);
  });

  it('answers OPTIONS, refuses what it does not know and extensions it lacks (RFC 3261 §8.2.1, §8.2.2.3, §11.2)', async () => {
    const { alice, settle } = scene();
    const ask = (method: string, fields: [string, string][] = []) =>
      settle(alice.request({ method, uri: 'sip:bob@example.com', fields }));
    const options = await ask('OPTIONS');
    expect([options.statusCode, readRaw(options, 'Allow')]).toEqual([200, expect.stringContaining('MESSAGE')]);
    expect((await ask('PUBLISH')).statusCode).toBe(405);
    const required = await ask('OPTIONS', [['Require', '100rel']]);
    expect([required.statusCode, readRaw(required, 'Unsupported')]).toEqual([420, '100rel']);
  });
});

describe('calls (RFC 3261 §13)', () => {
  const accepting = () => {
    const calls: Call[] = [];
    return {
      calls,
      handlers: {
        onInvite: () => ({ status: 200, body: encodeUtf8('answer') }),
        onCall: (call: Call) => calls.push(call),
      },
    };
  };

  it('makes one dialog on both sides, acknowledged', async () => {
    const { calls, handlers } = accepting();
    const { alice, clock, settle, sentByAlice } = scene({}, handlers);
    const call = await settle(
      alice.invite('sip:bob@example.com', { contentType: 'application/sdp', body: encodeUtf8('offer') }),
    );
    await clock.run(40_000);
    expect(new TextDecoder().decode(call.remoteBody)).toBe('answer');
    expect(new TextDecoder().decode(calls[0]!.remoteBody)).toBe('offer');
    const { callId, localTag, remoteTag } = calls[0]!.dialog;
    expect(call.id).toBe(dialogId({ callId, localTag: remoteTag, remoteTag: localTag }));
    expect(requests(sentByAlice(), 'ACK')).toHaveLength(1);
    expect([call.over, calls[0]!.over]).toEqual([false, false]);
  });

  it.each(['alice', 'bob'] as const)('ends when %s says BYE (RFC 3261 §15.1)', async (who) => {
    const { calls, handlers } = accepting();
    const { alice, clock, settle } = scene({}, handlers);
    const call = await settle(alice.invite('sip:bob@example.com', {}));
    await clock.run(10);
    const ends: string[] = [];
    call.ended.listen((by) => ends.push(`alice: ${by}`));
    calls[0]!.ended.listen((by) => ends.push(`bob: ${by}`));
    const response = await settle((who === 'alice' ? call : calls[0]!).bye());
    expect(response?.statusCode).toBe(200);
    expect(ends.sort()).toEqual(who === 'alice' ? ['alice: local', 'bob: remote'] : ['alice: remote', 'bob: local']);
    expect(await settle(call.bye())).toBeUndefined();
  });

  it('answers an offer inside the call by its handler, else 488 (RFC 3261 §14.2)', async () => {
    const { calls, handlers } = accepting();
    const { alice, clock, settle } = scene({}, handlers);
    const call = await settle(alice.invite('sip:bob@example.com', {}));
    await clock.run(10);
    expect((await settle(calls[0]!.request('INVITE', {}))).statusCode).toBe(488);
    call.onReinvite = () => ({ status: 200, body: encodeUtf8('moved') });
    const response = await settle(calls[0]!.request('INVITE', {}));
    expect(new TextDecoder().decode(response.body)).toBe('moved');
  });

  it('rejects with the status of a refusal', async () => {
    const { alice, settle } = scene({}, { onInvite: () => ({ status: 486 }) });
    const failure = await settle(alice.invite('sip:bob@example.com', {})).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SipFailureError);
    expect(failure).toMatchObject({ status: 486 });
  });

  it('answers 481 to a request of a dialog that it does not know (RFC 3261 §12.2.2)', async () => {
    const { alice, settle } = scene();
    const request = alice.core.request({ method: 'BYE', uri: 'sip:bob@example.com' });
    const { response } = await settle(
      alice.core.requester.send(withRawField(request, 'To', '<sip:bob@example.com>;tag=gone')),
    );
    expect(response.statusCode).toBe(481);
  });
});
