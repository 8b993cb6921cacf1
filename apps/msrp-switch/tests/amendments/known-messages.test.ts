import { describe, expect, it } from 'vitest';
import type { KnownMessage } from '../../src/amendments/known-message.ts';
import { amendableBy, merged } from '../../src/amendments/known-message.ts';
import { KnownMessages } from '../../src/amendments/known-messages.ts';

const alice = 'sip:alice@localhost';
const place = { room: 'sip:lobby@chat.localhost', to: '' };
const message = (messageId: string, more: Partial<KnownMessage> = {}): KnownMessage => ({
  ...{ messageId, sender: alice, at: 1, names: [], isRecalled: false },
  ...more,
});

describe('What a name means (docs/specs/replace-message.md §5, §9.2, §9.3)', () => {
  it('is a message to the same addressee, by its name or by that of what took its place', () => {
    const known = new KnownMessages();
    known.put(place, message('m1', { names: ['m2'] }));
    expect(known.find(place, 'm1')).toEqual(known.find(place, 'm2'));
    expect(known.find({ ...place, to: 'sip:bob@localhost' }, 'm1')).toEqual([]);
    expect(known.find({ ...place, room: 'sip:other@chat.localhost' }, 'm1')).toEqual([]);
  });

  it('is what is known of it last', () => {
    const known = new KnownMessages();
    known.put(place, message('m1'));
    known.put(place, message('m1', { isRecalled: true }));
    expect(known.find(place, 'm1')).toEqual([message('m1', { isRecalled: true })]);
  });

  it('takes bounded memory, however many there are and whoever shares a name', () => {
    const known = new KnownMessages(100);
    for (let i = 0; i < 1000; i++) known.put(place, message(`m${i}`));
    expect(known.find(place, 'm899')).toEqual([]);
    expect(known.find(place, 'm999')).toHaveLength(1);
    for (let i = 0; i < 1000; i++) known.put(place, message('shared', { sender: `sip:${i}@localhost` }));
    expect(known.find(place, 'shared').length).toBeLessThan(10);
  });

  it('is amended by its sender alone, though others gave the name too, and not once it was recalled', () => {
    const others = message('m1', { sender: 'sip:mallory@localhost' });
    expect(amendableBy(alice, [others, message('m1')])).toEqual({ kind: 'own', messages: [message('m1')] });
    expect(amendableBy(alice, [others])).toEqual({ kind: 'foreign' });
    expect(amendableBy(alice, [])).toEqual({ kind: 'unknown' });
    expect(amendableBy(alice, [message('m1', { isRecalled: true })])).toEqual({ kind: 'unknown' });
  });

  it('is put together from what several know: recalled when one knows that', () => {
    const lists = [[message('m1', { names: ['m2'] })], [message('m1', { names: ['m3'], isRecalled: true, at: 0 })]];
    expect(merged(lists)).toMatchObject([message('m1', { names: ['m2', 'm3'], isRecalled: true, at: 0 })]);
  });

  it.each([
    ['a', 'ab', 'ab'],
    ['b', 'ab', 'ab'],
    ['bcd', 'abc', 'abcd'],
    ['', 'ab', 'ab'],
  ])('stands as who knows more says, whoever is asked first: %s and %s', (less, more, all) => {
    for (const order of [
      [less, more],
      [more, less],
    ])
      expect(merged(order.map((names) => [message('m1', { names: Array.from(names) })]))[0]?.names.join('')).toBe(all);
  });
});
