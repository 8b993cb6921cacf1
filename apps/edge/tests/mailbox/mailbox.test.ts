import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fateOf, pauseAfter } from '../../src/mailbox/fate.ts';
import type { Mail } from '../../src/mailbox/mail.ts';
import type { Mailbox, StoredCopy } from '../../src/mailbox/mailbox.ts';
import {
  advanced,
  cursorOf,
  emptied,
  emptyMailbox,
  isDone,
  isLost,
  isLostWith,
  isDue,
  isOfEarlierAccount,
  isOver,
  isReadAsFar,
  notReached,
  registered,
  stored,
  taken,
  without,
} from '../../src/mailbox/mailbox.ts';

const now = 1_000_000;
const mail = (sequence: number, devices: readonly string[], more: Partial<Mail> = {}): Mail => ({
  sequence,
  devices,
  storedAt: now,
  expiresAt: now + 10_000_000,
  notBefore: 0,
  octets: 100,
  accountSince: now,
  shared: false,
  others: [],
  ...more,
});
const copy = (sequence: number, devices: readonly string[]): StoredCopy => ({ sequence, devices, octets: 100 });
const both = new Set(['desk', 'mobile']);

describe('What becomes of a stored copy', () => {
  it('dropped for a device after 413, 415, 488, 6xx and other 4xx save 401, 407, 408, 430, 480, 486, 491', () => {
    for (const status of [400, 403, 404, 413, 415, 488, 493, 600, 603])
      expect(fateOf(status), `${status}`).toBe('refused');
    for (const status of [401, 407, 486, 491, 500, 503, 302]) expect(fateOf(status), `${status}`).toBe('later');
    for (const status of [408, 430, 480]) expect(fateOf(status), `${status}`).toBe('unreached');
    for (const status of [200, 202]) expect(fateOf(status), `${status}`).toBe('taken');
  });

  it('tried again with growing pauses, up to a limit', () => {
    expect([1, 2, 3, 4].map(pauseAfter)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(pauseAfter(1_000)).toBe(300_000);
  });

  it('not delivered past its time; without one, kept until a device took it (REQ-DISNOT-3)', () => {
    expect(isOver(mail(1, ['desk'], { expiresAt: now }), now)).toBe(true);
    expect(isOver(mail(1, ['desk'], { expiresAt: undefined }), now * 2)).toBe(false);
  });
});

describe('A mailbox', () => {
  it('goes to each device on its own, and is purged up to the slowest', () => {
    let box = stored(emptyMailbox, copy(1, ['desk', 'mobile']), now);
    expect([cursorOf(box, 'desk').waiting, cursorOf(box, 'mobile').waiting]).toEqual([true, true]);
    box = advanced(box, 'desk', 1);
    expect([
      isDue(mail(1, ['desk', 'mobile']), 'desk', box, both),
      isDone(mail(1, ['desk', 'mobile']), box, both, now),
    ]).toEqual([false, false]);
    box = advanced(box, 'mobile', 1);
    expect(isDone(mail(1, ['desk', 'mobile']), box, both, now)).toBe(true);
  });

  it('waits no longer for a device that is forgotten, but for one that it has not heard of yet', () => {
    const box = stored(emptyMailbox, copy(1, ['tablet']), now);
    expect(isDone(mail(1, ['tablet']), box, both, now + 1_000)).toBe(false);
    expect(isDone(mail(1, ['tablet']), box, both, now + 61_000)).toBe(true);
    expect(isDone(mail(1, ['tablet'], { expiresAt: undefined }), box, both, now + 61_000)).toBe(false);
  });

  it('of an account that never registered a device is for the first that does', () => {
    let box = stored(emptyMailbox, copy(1, []), now);
    expect([isDue(mail(1, []), 'desk', box, both), isDone(mail(1, []), box, both, now)]).toEqual([false, false]);
    box = registered(box, ['desk'], new Set(['desk']));
    box = registered(box, ['mobile'], both);
    expect([isDue(mail(1, []), 'desk', box, both), isDue(mail(1, []), 'mobile', box, both)]).toEqual([true, false]);
  });

  it('removes the copy of a device that took the message after all', () => {
    let box = stored(emptyMailbox, copy(5, ['desk']), now);
    box = taken(box, 'desk', 5);
    expect([isDue(mail(5, ['desk']), 'desk', box, both), isDone(mail(5, ['desk']), box, both, now)]).toEqual([
      false,
      true,
    ]);
    expect(isDue(mail(4, ['desk']), 'desk', box, both)).toBe(true);
    expect(cursorOf(advanced(box, 'desk', 6), 'desk').taken).toEqual([]);
  });

  it('counts what it holds, and is exact when it runs empty', () => {
    let box = [1, 2, 2, 3].reduce((each, sequence) => stored(each, copy(sequence, ['desk']), now), emptyMailbox);
    expect(box).toMatchObject({ seen: 3, depth: 3, octets: 300, oldestAt: now });
    box = without(box, [mail(1, ['desk'])], mail(2, ['desk'], { storedAt: now + 5 }), false);
    expect(box).toMatchObject({ depth: 2, octets: 200, oldestAt: now + 5 });
    expect(without(box, [mail(2, ['desk'])], undefined, true)).toMatchObject({ depth: 0, octets: 0, oldestAt: 0 });
  });

  it('is nothing of an earlier account by the same name, and tells which devices missed a copy', () => {
    const old = mail(1, ['desk', 'mobile'], { accountSince: now - 1 });
    expect([isOfEarlierAccount(old, now), isOfEarlierAccount(mail(1, []), now)]).toEqual([true, false]);
    expect(notReached(old, advanced(emptyMailbox, 'desk', 1))).toEqual(['mobile']);
  });

  it('has lost a message when its time is over, or all devices are forgotten, and none of those it is for took it', () => {
    const late = now + 1_000_000_000;
    const waiting = mail(1, ['desk', 'mobile'], { expiresAt: now });
    const taken = advanced(emptyMailbox, 'desk', 1);
    expect(isLost(waiting, emptyMailbox, both, now - 1)).toBe(false);
    expect(isLost(waiting, emptyMailbox, both, now)).toBe(true);
    expect(isLost(waiting, taken, both, now)).toBe(false);
    expect(isLost(mail(1, ['tablet']), emptyMailbox, both, now)).toBe(false);
    expect(isLost(mail(1, ['tablet'], { expiresAt: late }), emptyMailbox, new Set(), now)).toBe(true);
    expect(isLost(mail(1, [], { expiresAt: now }), emptyMailbox, new Set(), now)).toBe(true);
    expect(isLost(mail(1, [], { expiresAt: now }), { ...taken, first: 'desk' }, both, now)).toBe(false);
  });

  it('has lost none that another device has, or may get, by another way', () => {
    const lost = (more: Partial<Mail>, box: Mailbox = emptyMailbox): boolean =>
      isLost(mail(2, ['desk'], { expiresAt: now, ...more }), box, both, now);
    expect(lost({ shared: true })).toBe(false);
    expect(lost({ others: ['mobile'] })).toBe(true);
    expect(lost({ others: ['mobile'] }, advanced(emptyMailbox, 'mobile', 2))).toBe(false);
  });

  it('has lost one that a device refuses, unless another has done with it', () => {
    const lost = (more: Partial<Mail>, box: Mailbox = emptyMailbox): boolean =>
      isLostWith(mail(2, ['desk'], more), 'desk', box);
    expect(lost({})).toBe(true);
    expect(lost({ shared: true })).toBe(false);
    expect(lost({ others: ['mobile'] }, advanced(emptyMailbox, 'mobile', 2))).toBe(false);
    expect(lost({ devices: ['desk', 'mobile'] }, taken(emptyMailbox, 'mobile', 2))).toBe(false);
  });

  it('is read as far when nothing but who waits has changed', () => {
    const before = advanced(emptyMailbox, 'desk', 4);
    const waiting = stored(before, copy(5, ['desk', 'mobile']), now);
    expect(isReadAsFar(waiting, before)).toBe(true);
    expect(isReadAsFar(taken(waiting, 'desk', 7), before)).toBe(false);
    expect(isReadAsFar(advanced(waiting, 'mobile', 1), before)).toBe(false);
  });

  it('never forgets who waits, whatever is heard twice or out of order', () => {
    const news = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.constantFrom('desk', 'mobile')));
    fc.assert(
      fc.property(news, fc.nat({ max: 20 }), (all, position) => {
        const start = emptied(advanced(emptyMailbox, 'desk', position), 'desk');
        const box = all.reduce((each, [sequence, device]) => stored(each, copy(sequence, [device]), now), start);
        const expected = all.some(([sequence, device]) => device === 'desk' && sequence > position);
        expect(cursorOf(box, 'desk').waiting).toBe(expected);
        expect(box.depth).toBeLessThanOrEqual(all.length);
      }),
    );
  });
});
