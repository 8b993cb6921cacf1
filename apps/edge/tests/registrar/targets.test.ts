import { describe, expect, it } from 'vitest';
import { lacksMethod, preferredBindings } from '../../src/registrar/caller-preferences.ts';
import { byPreference, targetsOf } from '../../src/registrar/targets.ts';
import { requestWith } from '../support/messages.ts';
import { bindingOf } from '../support/registered.ts';

const message = (...lines: string[]) => requestWith('MESSAGE sip:bob@localhost', lines);

describe('Caller preferences: the example of RFC 3841 §7.2.5', () => {
  const contacts = [
    '<sip:u1@h.example.com>;audio;video;methods="INVITE,BYE";q=0.2',
    '<sip:u2@h.example.com>;audio="FALSE";methods="INVITE";actor="msg-taker";q=0.2',
    '<sip:u3@h.example.com>;audio;actor="msg-taker";methods="INVITE";video;q=0.3',
    '<sip:u4@h.example.com>;audio;methods="INVITE,OPTIONS";q=0.2',
    '<sip:u5@h.example.com>;q=0.5',
  ].map((text) => bindingOf(text));
  const invite = requestWith('INVITE sip:user@localhost', [
    'Reject-Contact: *;actor="msg-taker";video',
    'Accept-Contact: *;audio;require',
    'Accept-Contact: *;video;explicit',
    'Accept-Contact: *;methods="BYE";class="business";q=1.0',
  ]);

  it('drops u2 and u3, and scores u1 0.83, u4 0.5 and u5 1', () => {
    const scores = preferredBindings(invite, contacts).map(({ binding, score }) => [binding.target, score.toFixed(2)]);
    expect(scores).toEqual([
      ['sip:u1@h.example.com', '0.83'],
      ['sip:u4@h.example.com', '0.50'],
      ['sip:u5@h.example.com', '1.00'],
    ]);
  });

  it('orders u5, u1, u4, and groups them by q', () => {
    const targets = targetsOf(invite, contacts);
    expect(targets.map(([{ target }]) => target)).toEqual([
      'sip:u5@h.example.com',
      'sip:u1@h.example.com',
      'sip:u4@h.example.com',
    ]);
    expect(byPreference(targets).map((group) => group.length)).toEqual([1, 2]);
  });
});

describe('Caller preferences of a MESSAGE (RFC 3841)', () => {
  const talks = bindingOf('<sip:a@h>;methods="INVITE,ACK,BYE"');
  const chats = bindingOf('<sip:b@h>;methods="MESSAGE,OPTIONS"');
  const silent = bindingOf('<sip:c@h>');
  const targets = (request: ReturnType<typeof message>, ...bindings: (typeof talks)[]) =>
    targetsOf(request, bindings).map(([{ target }]) => target);

  it('does not go to a device whose methods do not hold it (§7.2.2.1); who says nothing is immune (§7.2.3)', () => {
    expect(targets(message(), talks, chats, silent)).toEqual(['sip:b@h', 'sip:c@h']);
    expect([lacksMethod(talks, 'MESSAGE'), lacksMethod(chats, 'MESSAGE'), lacksMethod(silent, 'MESSAGE')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('goes there all the same when nobody else is left, so that the sender learns why it failed (§7.2.4)', () => {
    expect(targets(message(), talks)).toEqual(['sip:a@h']);
  });

  it('with explicit preferences goes to nobody when nobody fits, and the method is no preference any more (§7.2.2)', () => {
    expect(targets(message('Accept-Contact: *;+sip.message;require;explicit'), talks, chats)).toEqual([]);
    expect(targets(message('Accept-Contact: *;methods="INVITE";require'), talks, chats)).toEqual(['sip:a@h']);
  });

  it('compares strings exactly, tokens without case, numbers as ranges, and understands ! (§7.2.4, RFC 3840 §9)', () => {
    const device = bindingOf('<sip:d@h>;+sip.instance="<urn:x>";mobility="Mobile";priority="#<=2";language="!de"');
    const fits = (wish: string) => targets(message(`Accept-Contact: *;${wish};require;explicit`), device).length === 1;
    expect(['+sip.instance="<urn:x>"', 'mobility="mobile"', 'priority="#1:5"', 'language="en"'].map(fits)).toEqual(
      Array.from({ length: 4 }, () => true),
    );
    expect(['+sip.instance="<urn:X>"', 'mobility="fixed"', 'priority="#>=3"', 'language="de"'].map(fits)).toEqual(
      Array.from({ length: 4 }, () => false),
    );
  });

  it('takes a Reject-Contact only of devices that say something of every feature in it (§7.2.4)', () => {
    const car = bindingOf('<sip:d@h>;mobility="mobile"');
    expect(targets(message('Reject-Contact: *;mobility="mobile"'), car, silent)).toEqual(['sip:c@h']);
    expect(targets(message('Reject-Contact: *;mobility="mobile";automata'), car)).toEqual(['sip:d@h']);
  });
});

describe('Target set (RFC 5626 §7)', () => {
  it('MUST hold a device once: its other flows wait for that one to fail, the one refreshed last comes first', () => {
    const flow = (id: number, refreshedAt: number) =>
      bindingOf(`<sip:a@192.0.2.${id}>;+sip.instance="<urn:uuid:a>";reg-id=${id}`, { refreshedAt });
    const other = bindingOf('<sip:b@192.0.2.9>');
    const another = bindingOf('<sip:b@192.0.2.10>');
    const targets = targetsOf(message(), [flow(1, 5), other, flow(2, 9), another]);
    expect(targets.map((flows) => flows.map(({ target }) => target))).toEqual([
      ['sip:a@192.0.2.2', 'sip:a@192.0.2.1'],
      ['sip:b@192.0.2.9'],
      ['sip:b@192.0.2.10'],
    ]);
  });
});
