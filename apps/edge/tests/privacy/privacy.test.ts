import { readRaw, readRawAll } from '@parley/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/accounts/account.ts';
import { identified, originBeyond, originOfAccount } from '../../src/privacy/asserted-identity.ts';
import { canGrant, privacyWish, veiled } from '../../src/privacy/privacy-service.ts';
import { requestWith } from '../support/messages.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

// Only who it is matters here.
const account = { name: 'alice', displayName: 'Alice "A"', tel: '+493012345' } as Account;

describe('Asserted identity (RFC 3325)', () => {
  const asserted = (lines: readonly string[], trusted: boolean): readonly string[] => {
    const request = requestWith('MESSAGE sip:bob@localhost', lines);
    return readRawAll(
      identified(request, originOfAccount(request, account, 'localhost'), trusted),
      'P-Asserted-Identity',
    );
  };

  it('goes with every request to those who trust us, and replaces what the sender claims (§5)', () => {
    expect(asserted(['P-Asserted-Identity: <sip:ceo@localhost>'], true)).toEqual(['"Alice A" <sip:alice@localhost>']);
    expect(asserted(['Privacy: id'], true)).toHaveLength(1);
  });

  it('is the number besides, where the sender prefers that (§6)', () => {
    expect(asserted(['P-Preferred-Identity: <tel:+493012345>'], true)).toEqual([
      '"Alice A" <sip:alice@localhost>',
      '<tel:+493012345>',
    ]);
  });

  it('goes to devices where the sender asked for it, never against Privacy: id, and nobody learns the wish (§7)', () => {
    expect(asserted([], false)).toEqual([]);
    expect(asserted(['P-Preferred-Identity: <sip:alice@localhost>'], false)).toHaveLength(1);
    expect(asserted(['P-Preferred-Identity: <sip:alice@localhost>', 'Privacy: id'], false)).toEqual([]);
  });

  it('of another domain counts where that is trusted', () => {
    const request = requestWith('MESSAGE sip:bob@localhost', ['P-Asserted-Identity: <sip:zoe@peer.example>']);
    const shown = (trusted: boolean): readonly string[] =>
      readRawAll(identified(request, originBeyond(request, trusted), false), 'P-Asserted-Identity');
    expect([shown(true), shown(false)]).toEqual([['<sip:zoe@peer.example>'], []]);
  });
});

describe('Privacy service (RFC 3323)', () => {
  it('leaves alone what asks for nothing, and what says none (§4.2)', () => {
    for (const line of ['Privacy: none', 'Privacy: id', 'Privacy: user;none']) {
      expect(privacyWish(requestWith('MESSAGE sip:bob@localhost', [line]))).toBeUndefined();
    }
  });

  it('takes out who sent a message and by which hosts it came (§5.1, §5.3)', () => {
    const request = requestWith('MESSAGE sip:bob@localhost', [
      'Privacy: user;header;id',
      'User-Agent: x',
      'Subject: y',
    ]);
    const wish = privacyWish(request);
    const veil = veiled(request, wish ?? { user: false, header: false, session: false, critical: false });
    expect(['From', 'Via', 'User-Agent', 'Subject', 'Privacy'].map((name) => readRaw(veil, name))).toEqual([
      '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=a',
      undefined,
      undefined,
      undefined,
      'id',
    ]);
  });

  it('does not promise what a dialog needs (§5.3)', () => {
    const wish = { user: true, header: true, session: false, critical: true };
    expect(canGrant(wish, requestWith('INVITE sip:bob@localhost'))).toBe(false);
    expect(canGrant({ ...wish, session: true }, requestWith('MESSAGE sip:bob@localhost'))).toBe(false);
  });
});

describe('A sender who wants privacy', () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge();
  });
  afterAll(() => edge[Symbol.asyncDispose]());

  it('is anonymous to the recipient, and gets the response to what it sent (RFC 3323 §5.3)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    const asked = alice.message('sip:bob@localhost', 'guess who', ['Privacy: user;header;critical']);
    const message = await bob.incoming();
    expect(readRaw(message, 'From')).toContain('anonymous.invalid');
    expect([readRawAll(message, 'Via').length, message.requestUri]).toEqual([1, expect.stringContaining(bob.local)]);
    bob.answer(message, 200);
    const answer = await asked;
    expect([answer.statusCode, readRaw(answer, 'From'), readRawAll(answer, 'Via').length]).toEqual([
      200,
      '<sip:alice@localhost>;tag=from-alice',
      1,
    ]);
  });

  it('is told where it cannot be had, if it is critical (RFC 3323 §5)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    await using bob = await Phone.udp(edge.port, 'bob');
    await bob.register();
    const fields = ['Privacy: user;critical', `Contact: ${alice.contact}`];
    await alice.ask('INVITE', 'sip:bob@localhost', { fields });
    const answer = await alice.request('INVITE', 'sip:bob@localhost', { fields });
    expect([answer.statusCode, readRaw(answer, 'Warning')]).toEqual([500, expect.stringContaining('private')]);
  });

  it('may come as anonymous@anonymous.invalid, with credentials (RFC 3323 §4.1.1.3)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    const instead = { From: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=x' };
    const options = { fields: ['Privacy: id', 'Content-Type: text/plain'], body: 'hi', instead };
    const asked = alice.request('MESSAGE', 'sip:bob@localhost', options);
    const message = await bob.incoming();
    expect(readRaw(message, 'P-Asserted-Identity')).toBeUndefined();
    bob.answer(message, 200);
    expect((await asked).statusCode).toBe(200);
  });
});
