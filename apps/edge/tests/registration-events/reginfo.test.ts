import { unwrap } from '@parley/prelude';
import { attributeOf, childOf, childrenOf, childText, elementsOf, parseXml, textOf } from '@parley/xml';
import { describe, expect, it } from 'vitest';
import { contactInfo, noNews, standing, withEvent } from '../../src/registration-events/news.ts';
import { reginfoDocument } from '../../src/registration-events/reginfo.ts';
import type { RegistrationInfo } from '../../src/registration-events/reginfo.ts';
import { bindingOf } from '../support/registered.ts';

const gruus = {
  publicFor: () => 'sip:alice@localhost;gr=urn:uuid:a',
  temporaryFor: () => 'sip:tgruu.x@localhost;gr',
};
const telling = { account: 'alice', gruus, now: 100_000 };
const phone = bindingOf(
  '"Alice <home>" <sip:alice@192.0.2.1>;q=0.8;methods="MESSAGE,INVITE";+sip.instance="<urn:uuid:a>";reg-id=1',
  {
    key: 'k1',
    callId: 'call@1',
    cSeq: 7,
    registeredAt: 40_000,
    refreshedAt: 90_000,
    expiresAt: 160_000,
    series: { token: 't', cSeq: 5 },
  },
);

function documentOf(more: Partial<RegistrationInfo>) {
  const info = { version: 0, state: 'full', aor: 'sip:alice@localhost', registration: 'active', contacts: [] } as const;
  return unwrap(parseXml(reginfoDocument({ ...info, ...more })));
}

describe('Registration information (RFC 3680 §5)', () => {
  it('tells the address-of-record, the state of its registration, and the version', () => {
    const root = documentOf({ version: 3, state: 'partial', registration: 'terminated' });
    expect([root.namespace, root.name]).toEqual(['urn:ietf:params:xml:ns:reginfo', 'reginfo']);
    expect([attributeOf(root, 'version'), attributeOf(root, 'state')]).toEqual(['3', 'partial']);
    const registration = childOf(root, 'registration');
    expect(registration?.attributes.map(({ name, value }) => [name, value])).toEqual([
      ['aor', 'sip:alice@localhost'],
      ['id', 'r'],
      ['state', 'terminated'],
    ]);
  });

  it('tells of a contact what RFC 3261 has by name, and any other parameter as unknown-param', () => {
    const root = documentOf({ contacts: [contactInfo(standing(phone), telling)] });
    const contact = unwrap({ ok: true, value: childOf(childOf(root, 'registration') ?? root, 'contact') ?? root });
    expect(Object.fromEntries(contact.attributes.map(({ name, value }) => [name, value]))).toEqual({
      id: 'k1',
      state: 'active',
      event: 'refreshed',
      'duration-registered': '60',
      expires: '60',
      q: '0.8',
      callid: 'call@1',
      cseq: '7',
    });
    expect([childText(contact, 'uri'), childText(contact, 'display-name')]).toEqual([
      'sip:alice@192.0.2.1',
      'Alice <home>',
    ]);
    expect(childrenOf(contact, 'unknown-param').map((param) => [attributeOf(param, 'name'), textOf(param)])).toEqual([
      ['methods', 'MESSAGE,INVITE'],
      ['+sip.instance', '<urn:uuid:a>'],
      ['reg-id', '1'],
    ]);
  });

  it('tells the GRUUs of an active contact with an instance, in their namespace, with first-cseq (RFC 5628 §5)', () => {
    const gruusIn = (info: ReturnType<typeof contactInfo>) => {
      const registration = childOf(documentOf({ contacts: [info] }), 'registration');
      const contact = registration && childOf(registration, 'contact');
      return elementsOf(contact ?? documentOf({}))
        .filter(({ namespace }) => namespace === 'urn:ietf:params:xml:ns:gruuinfo')
        .map((gruu) => [gruu.name, attributeOf(gruu, 'uri'), attributeOf(gruu, 'first-cseq')]);
    };
    expect(gruusIn(contactInfo(standing(phone), telling))).toEqual([
      ['pub-gruu', 'sip:alice@localhost;gr=urn:uuid:a', undefined],
      ['temp-gruu', 'sip:tgruu.x@localhost;gr', '5'],
    ]);
    expect(gruusIn(contactInfo({ kind: 'expired', binding: phone }, telling))).toEqual([]);
  });

  it('names how a contact ended (§4.7.1)', () => {
    const events = (['unregistered', 'expired', 'flow lost', 'account removed'] as const).map(
      (kind) => contactInfo({ kind, binding: phone }, telling).event,
    );
    expect(events).toEqual(['unregistered', 'expired', 'deactivated', 'rejected']);
  });
});

describe('News of a subscriber (RFC 3680 §4.7.2)', () => {
  it('keeps of each binding what happened last, and that one is new until it was told', () => {
    const other = bindingOf('<sip:b@h>', { key: 'k2' });
    let news = withEvent(noNews, { kind: 'registered', binding: phone });
    news = withEvent(news, { kind: 'refreshed', binding: phone });
    news = withEvent(news, { kind: 'expired', binding: other });
    expect([...news.values()].map(({ kind }) => kind)).toEqual(['registered', 'expired']);
  });
});
