import { createMemoryBroker } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { systemRandom } from '@parley/service';
import { parseUri, withRawField } from '@parley/sip';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../src/registrar/binding.ts';
import { GruuKeys } from '../../src/registrar/gruu-keys.ts';
import { openGruu, sealGruu } from '../../src/registrar/gruu-token.ts';
import { Gruus } from '../../src/registrar/gruus.ts';
import { requestWith } from '../support/messages.ts';
import { bindingOf } from '../support/registered.ts';

const names = {
  domain: 'localhost',
  aliases: new Set(['127.0.0.1']),
  chatDomain: 'chat.localhost',
  ports: new Set([5060]),
};
const instance = 'urn:uuid:f81d4fae';
const series = { token: 's1', cSeq: 1 };

async function scene() {
  const clock = new SimulatedClock();
  const broker = createMemoryBroker({ clock });
  const open = async () => {
    const keys = new GruuKeys({ bus: broker.connect(), clock, random: systemRandom });
    const ready = keys.ready();
    await clock.run(10);
    await ready;
    return keys;
  };
  const bindings: Binding[] = [];
  const remembered: string[] = [];
  const keys = await open();
  const gruus = new Gruus({
    names,
    random: systemRandom,
    keys,
    accounts: { find: (name: string) => (name === 'alice' ? {} : undefined) },
    bindings: { registered: (_, forRooms) => bindings.filter((binding) => binding.forRooms === forRooms) },
    devices: { remembered: () => remembered },
  });
  const find = (uri: string) => gruus.find(unwrap(parseUri(uri)));
  return { clock, open, keys, gruus, bindings, remembered, find };
}

const phone = bindingOf(`<sip:alice@192.0.2.1>;+sip.instance="<${instance}>"`, { series });
const other = bindingOf('<sip:alice@192.0.2.2>;+sip.instance="<urn:uuid:other>"', {
  series: { token: 's2', cSeq: 1 },
});

describe('Public GRUU (RFC 5627 §5)', () => {
  it('MUST be the address-of-record with gr and a value, and resolve to that device alone (§5.1, §5.4)', async () => {
    const { gruus, bindings, find } = await scene();
    bindings.push(phone, other);
    const uri = gruus.publicFor('alice', instance);
    expect(uri).toBe(`sip:alice@localhost;gr=${instance}`);
    expect(find(uri)).toEqual({ kind: 'public', account: 'alice', instance, bindings: [phone] });
    expect(find(uri.replace('f81d4fae', 'F81D4FAE'))).toMatchObject({ bindings: [phone] });
  });

  it('SHOULD stay valid while the device is away (§5.3); one that never was is unknown, as is an unknown account', async () => {
    const { gruus, remembered, find } = await scene();
    const uri = gruus.publicFor('alice', instance);
    expect(find(uri)).toEqual({ kind: 'unknown' });
    remembered.push(instance);
    expect(find(uri)).toMatchObject({ kind: 'public', bindings: [] });
    expect(find(gruus.publicFor('nobody', instance))).toEqual({ kind: 'unknown' });
  });

  it('spells any instance and any account', async () => {
    const { gruus, remembered, find } = await scene();
    remembered.push('urn:x:a;b,c@d');
    expect(find(gruus.publicFor('alice', 'urn:x:A;b,c@d'))).toMatchObject({
      kind: 'public',
      instance: 'urn:x:a;b,c@d',
    });
  });
});

describe('Temporary GRUU (RFC 5627 §5)', () => {
  it('is another one each time, resolves to the device, and all of a series stay valid (§5.1)', async () => {
    const { gruus, bindings, find } = await scene();
    bindings.push(phone, other);
    const uris = [1, 2, 3].map(() => gruus.temporaryFor('alice', phone) ?? '');
    expect(new Set(uris).size).toBe(3);
    for (const uri of uris) {
      expect(uri).toMatch(/^sip:tgruu\.[A-Za-z0-9_-]+@localhost;gr$/);
      expect(find(uri)).toEqual({ kind: 'temporary', account: 'alice', instance, bindings: [phone] });
    }
  });

  it('MUST be invalid once its series is over: by another Call-ID, or with the last contact (§5.1, §5.3)', async () => {
    const { gruus, bindings, find } = await scene();
    const uri = gruus.temporaryFor('alice', phone) ?? '';
    expect(find(uri)).toEqual({ kind: 'unknown' });
    bindings.push({ ...phone, series: { token: 's9', cSeq: 2 } });
    expect(find(uri)).toEqual({ kind: 'unknown' });
  });

  it('MUST tell nobody without the key whether two are of one account: same length, nothing in common', async () => {
    const { gruus } = await scene();
    const a = gruus.temporaryFor('al', phone) ?? '';
    const b = gruus.temporaryFor('bartholomew-the-elder', other) ?? '';
    expect(a).toHaveLength(b.length);
    expect(a).not.toContain(Buffer.from('s1').toString('base64url'));
  });

  it('that somebody changed is none', async () => {
    const { gruus, bindings, find } = await scene();
    bindings.push(phone);
    const uri = gruus.temporaryFor('alice', phone) ?? '';
    for (let i = 0; i < 20; i++) {
      const at = 'sip:tgruu.'.length + i * 4;
      const changed = uri.slice(0, at) + (uri[at] === 'A' ? 'B' : 'A') + uri.slice(at + 1);
      expect(find(changed)).toEqual({ kind: 'unknown' });
    }
    for (const bad of [
      'sip:alice@localhost;gr',
      'sip:tgruu.@localhost;gr',
      `sip:tgruu.${'A'.repeat(5000)}@localhost;gr`,
    ]) {
      expect(find(bad)).toEqual({ kind: 'unknown' });
    }
  });

  it('for rooms is an address of the chat domain, and not good at the other', async () => {
    const { gruus, bindings, find } = await scene();
    const room = { ...phone, forRooms: true };
    bindings.push(room);
    const uri = gruus.temporaryFor('alice', room) ?? '';
    expect(uri).toMatch(/@chat\.localhost;gr$/);
    expect(find(uri)).toMatchObject({ kind: 'temporary', account: 'alice' });
    expect(find(uri.replace('chat.', ''))).toEqual({ kind: 'unknown' });
  });

  it('outlives the period of its key, which all edges share', async () => {
    const { clock, open, keys, gruus, bindings, find } = await scene();
    bindings.push(phone);
    const uri = gruus.temporaryFor('alice', phone) ?? '';
    await clock.run(29 * 86_400_000);
    expect(gruus.temporaryFor('alice', phone)).toBeDefined();
    await clock.run(1_000);
    const later = await open();
    expect(later.current().number).toBe((keys.current().number + 256) % 256);
    expect(find(uri)).toMatchObject({ kind: 'temporary' });
    const token = sealGruu({ account: 'alice', series: 's1' }, keys.current(), systemRandom);
    expect(openGruu(token, later)).toEqual({ account: 'alice', series: 's1' });
  });
});

describe('What stands for a sender (interface of rooms)', () => {
  it('is the temporary GRUU in From, else in Contact, where it is its own', async () => {
    const { gruus, bindings } = await scene();
    bindings.push(phone);
    const uri = gruus.temporaryFor('alice', phone) ?? '';
    const invite = (from: string, contact: string) =>
      withRawField(
        requestWith('INVITE sip:library@chat.localhost', [`Contact: <${contact}>`]),
        'From',
        `<${from}>;tag=a`,
      );
    expect(gruus.aliasOf(invite('sip:alice@localhost', uri), 'alice')).toBe(uri);
    expect(gruus.aliasOf(invite(uri, 'sip:alice@192.0.2.1'), 'alice')).toBe(uri);
    expect(gruus.aliasOf(invite('sip:alice@localhost', 'sip:alice@192.0.2.1'), 'alice')).toBeUndefined();
    expect(gruus.aliasOf(invite('sip:alice@localhost', uri), 'mallory')).toBeUndefined();
  });
});
