import { unwrap } from '@parley/prelude';
import type { Uri } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../src/registrar/binding.ts';
import type { Registration } from '../../src/registrar/registration.ts';
import { register } from '../../src/registrar/register.ts';
import { defaultRegistrarRules } from '../../src/registrar/registrar-rules.ts';
import { contactOf } from '../support/registered.ts';

const route = { edgeInstance: 'e1', flow: 'f1', transport: 'TCP' } as const;
const now = 1_000_000;

function registration(contacts: '*' | readonly string[], more: Partial<Registration> = {}): Registration {
  return {
    contacts: contacts === '*' ? '*' : contacts.map(contactOf),
    expires: undefined,
    callId: 'c1',
    cSeq: 1,
    path: [],
    supported: [],
    userAgent: '',
    says: { cpim: undefined, composing: undefined },
    isFlowKept: true,
    forRooms: false,
    isSecure: false,
    ...more,
  };
}

let names = 0;
function run(
  current: readonly Binding[],
  r: Registration,
  rules = defaultRegistrarRules,
  at = now,
): ReturnType<typeof register> {
  const command = {
    registration: r,
    routeTo: () => route,
    isHere: (uri: Uri) => uri.kind === 'sip' && uri.host === 'localhost',
    now: at,
    accountSince: 7,
    keyFor: () => `k${++names}`,
    newToken: () => `t${++names}`,
  };
  return register(current, command, rules);
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

  it('MUST accept a sips: contact only where all URIs are sips: (RFC 5630 §5.2)', () => {
    const secure = '<sips:alice@192.0.2.1>';
    const refused = run([], registration([secure]));
    expect(refused).toMatchObject({ ok: false, error: { status: 400 } });
    expect(unwrap(run([], registration([secure], { isSecure: true }))).stored).toHaveLength(1);
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

const device = '+sip.instance="<urn:uuid:AAAA>"';
const otherDevice = '+sip.instance="<urn:uuid:bbbb>"';

describe('Contacts that a registrar does not take', () => {
  it('MUST be answered 403 where it is the address-of-record or another address here, which would loop (RFC 5627 §5.1)', () => {
    for (const text of ['<sip:alice@localhost>', `<sip:alice@localhost;gr=urn:uuid:aaaa>;${device}`]) {
      expect(run([], registration([text]))).toMatchObject({ ok: false, error: { status: 403 } });
    }
    expect(run([], registration(['<sip:alice@localhost>;expires=0']))).toMatchObject({ ok: true });
  });

  it('MUST be answered 403 where it has an instance and is not SIP; without one, any URI is kept (RFC 5627 §5.1, RFC 3261 §10.2.1)', () => {
    expect(run([], registration([`<mailto:alice@example.net>;${device}`]))).toMatchObject({ error: { status: 403 } });
    expect(unwrap(run([], registration(['<mailto:alice@example.net>']))).bindings).toHaveLength(1);
  });

  it('never finds an hour too brief, whatever the minimum (RFC 3261 §10.3 step 7)', () => {
    const rules = { ...defaultRegistrarRules, minExpires: 7200 };
    expect(run([], registration([`${phone};expires=3599`]), rules)).toMatchObject({ ok: false });
    expect(run([], registration([`${phone};expires=3600`]), rules)).toMatchObject({ ok: true });
    expect(unwrap(run([], registration([phone]), rules)).stored[0]?.expiresAt).toBe(now + 7_200_000);
  });
});

describe('Registrations of flows (RFC 5626 §6)', () => {
  const outbound = { supported: ['outbound'] };
  const flow = (id: number, more = ''): string => `<sip:alice@192.0.2.1:${5060 + id}>;${device};reg-id=${id}${more}`;
  const first = unwrap(run([], registration([flow(1)], outbound)));

  it('binds the address-of-record to instance and reg-id, whatever the URI becomes, and MUST update the flow', () => {
    const moved = unwrap(
      run(first.bindings, registration([`<sip:alice@192.0.2.9>;${device};reg-id=1`], { ...outbound, cSeq: 2 })),
    );
    expect(moved.bindings).toMatchObject([{ key: first.bindings[0]?.key, target: 'sip:alice@192.0.2.9' }]);
  });

  it('keeps several flows of one instance beside each other', () => {
    const second = unwrap(run(first.bindings, registration([flow(2)], { ...outbound, callId: 'c2' })));
    expect(second.bindings.map(({ contact }) => contact.regId)).toEqual([1, 2]);
  });

  it('MUST answer 439 where the first hop keeps no flow and the device relies on it', () => {
    const far = { isFlowKept: false };
    expect(run([], registration([flow(1)], { ...outbound, ...far }))).toMatchObject({ error: { status: 439 } });
  });

  it('MUST ignore reg-id where outbound does not apply: behind such a hop, or without an instance', () => {
    const ignored = (r: Registration) => unwrap(run([], r)).bindings[0];
    expect(ignored(registration([flow(1)], { isFlowKept: false }))).toMatchObject({
      outbound: false,
      contact: { regId: undefined },
    });
    expect(ignored(registration([`${phone};reg-id=1`], outbound))).toMatchObject({ contact: { regId: undefined } });
  });

  it('SHOULD answer 400 to a flow that is added together with another contact; removing others is fine', () => {
    expect(run([], registration([flow(1), flow(2)], outbound))).toMatchObject({ error: { status: 400 } });
    const replaced = registration([flow(2), flow(1, ';expires=0')], { ...outbound, cSeq: 2 });
    expect(unwrap(run(first.bindings, replaced)).bindings.map(({ contact }) => contact.regId)).toEqual([2]);
  });

  it('is outbound only for who says so (RFC 5626 §4.2.1)', () => {
    expect(first.bindings[0]?.outbound).toBe(true);
    expect(unwrap(run([], registration([flow(1)]))).bindings[0]).toMatchObject({ outbound: false });
  });
});

describe('Series of temporary GRUUs (RFC 5627 §5.1)', () => {
  const over = (regId: number, more: Partial<Registration>, current: readonly Binding[] = [], at = now) =>
    unwrap(run(current, registration([`<sip:a@192.0.2.1:${regId}>;${device};reg-id=${regId}`], more), undefined, at))
      .bindings;
  const tokens = (bindings: readonly Binding[]) => bindings.map(({ series }) => series?.token);

  it('goes on while the Call-ID stays, and MUST end for the whole instance when it changes', () => {
    const begun = over(1, {});
    expect(tokens(over(1, { cSeq: 2 }, begun))).toEqual(tokens(begun));
    const both = over(2, { callId: 'c2' }, begun, now + 1);
    expect(new Set(tokens(both))).toEqual(new Set(tokens(begun)));
    const anew = over(1, { callId: 'c3', cSeq: 9 }, both, now + 2);
    expect(new Set(tokens(anew)).size).toBe(1);
    expect(tokens(anew)).not.toContain(begun[0]?.series?.token);
    expect(anew[0]?.series?.cSeq).toBe(9);
  });

  it('MUST end with the last contact of the instance (§5.3), and is nobody else’s', () => {
    const begun = over(1, {});
    const gone = over(1, { expires: 0, cSeq: 2 }, begun);
    expect(tokens(over(1, { cSeq: 3 }, gone))).not.toEqual(tokens(begun));
    const other = unwrap(run(begun, registration([`${phone};${otherDevice}`], { cSeq: 2 }))).bindings;
    expect(new Set(tokens(other)).size).toBe(2);
    expect(unwrap(run([], registration([phone]))).bindings[0]?.series).toBeUndefined();
  });
});
