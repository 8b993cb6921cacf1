import type { ContactAddress } from '@parley/sip';
import { field } from '@parley/sip';
import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../src/registrar/binding.ts';
import type { Registration } from '../../src/registrar/registration.ts';
import { register } from '../../src/registrar/register.ts';
import { defaultRegistrarRules } from '../../src/registrar/registrar-rules.ts';

const route = { edgeInstance: 'e1', flow: 'f1', transport: 'TCP' } as const;
const now = 1_000_000;

function contact(text: string): ContactAddress {
  const value = unwrap(field.contact.parse(text));
  if (value === '*') throw new Error('expected an address');
  return value;
}

function registration(contacts: '*' | readonly string[], more: Partial<Registration> = {}): Registration {
  return {
    contacts: contacts === '*' ? '*' : contacts.map(contact),
    expires: undefined,
    callId: 'c1',
    cSeq: 1,
    path: [],
    supported: [],
    userAgent: '',
    ...more,
  };
}

let keys = 0;
function run(current: readonly Binding[], r: Registration, rules = defaultRegistrarRules): ReturnType<typeof register> {
  return register(current, { registration: r, routeTo: () => route, now, newKey: () => `k${++keys}` }, rules);
}

const phone = '<sip:alice@192.0.2.1:5060>';
const bound = unwrap(run([], registration([phone]))).bindings;

describe('Registrar (RFC 3261 §10.3)', () => {
  it('adds a binding with the interval of the Contact, of Expires, or the default, in this order', () => {
    const seconds = (r: Registration): number => ((unwrap(run([], r)).stored[0]?.expiresAt ?? 0) - now) / 1000;
    expect(seconds(registration([`${phone};expires=120`], { expires: 300 }))).toBe(120);
    expect(seconds(registration([phone], { expires: 300 }))).toBe(300);
    expect(seconds(registration([phone]))).toBe(defaultRegistrarRules.defaultExpires);
    expect(seconds(registration([`${phone};expires=99999999`]))).toBe(defaultRegistrarRules.maxExpires);
  });

  it('MUST answer 423 to an interval below the minimum, and 0 removes (step 7)', () => {
    const brief = run([], registration([`${phone};expires=59`]));
    expect(brief).toEqual({ ok: false, error: { kind: 'IntervalTooBrief', minExpires: 60 } });
    const gone = unwrap(run(bound, registration([`${phone};expires=0`], { cSeq: 2 })));
    expect(gone.removed).toEqual(bound);
    expect(gone.bindings).toEqual([]);
  });

  it('refreshes the binding whose URI is equivalent, and keeps its key', () => {
    const again = unwrap(run(bound, registration(['<sip:alice@192.0.2.1:5060>;q=0.5'], { cSeq: 2 })));
    expect(again.bindings).toHaveLength(1);
    expect(again.stored[0]?.key).toBe(bound[0]?.key);
    expect(again.stored[0]?.contact.q).toBe(0.5);
  });

  it('MUST abort when the Call-ID agrees and the CSeq is not higher, and change nothing (step 7)', () => {
    const late = run(bound, registration(['<sip:other@192.0.2.9>', phone]));
    expect(late).toMatchObject({ ok: false, error: { status: 500 } });
    expect(run(bound, registration([phone], { callId: 'c2' }))).toMatchObject({ ok: true });
  });

  it('removes all with *, only with Expires 0, and not by an older CSeq (step 6)', () => {
    expect(run(bound, registration('*'))).toMatchObject({ ok: false, error: { status: 400 } });
    expect(run(bound, registration('*', { expires: 0 }))).toMatchObject({ ok: false, error: { status: 500 } });
    expect(unwrap(run(bound, registration('*', { expires: 0, cSeq: 2 }))).bindings).toEqual([]);
  });

  it('takes the same instance and reg-id for the same binding whatever the URI (RFC 5626 §6)', () => {
    const flowOf = (host: string): string => `<sip:a@${host}>;+sip.instance="<urn:uuid:1>";reg-id=1`;
    const first = unwrap(run([], registration([flowOf('192.0.2.1')]))).bindings;
    const second = unwrap(run(first, registration([flowOf('192.0.2.2')], { cSeq: 2 }))).bindings;
    expect(second).toHaveLength(1);
    expect(second[0]?.contact.uri).toMatchObject({ host: '192.0.2.2' });
  });

  it('leaves the bindings alone when the REGISTER has no Contact (a query)', () => {
    expect(unwrap(run(bound, registration([])))).toEqual({ stored: [], removed: [], bindings: bound });
  });

  it('bounds the bindings of one address-of-record', () => {
    const many = Array.from({ length: 3 }, (_, i) => `<sip:a@192.0.2.${i}>`);
    const rules = { ...defaultRegistrarRules, maxBindings: 2 };
    expect(run([], registration(many), rules)).toMatchObject({ ok: false, error: { status: 403 } });
  });
});
