import { describe, expect, it } from 'vitest';
import type { Party, Roster, Speaker } from '../../src/message/route.ts';
import { routeMessage } from '../../src/message/route.ts';

interface Somebody extends Party, Speaker {
  readonly name: string;
}

const somebody = (name: string, more: Partial<Party & Speaker> = {}): Somebody => ({
  name,
  isBound: true,
  takesPrivate: true,
  maySpeak: true,
  owns: (uri) => uri === `sip:${name}`,
  ...more,
});

const alice = somebody('alice');
const phone = somebody('alice');
const bob = somebody('bob');
const away = somebody('away', { isBound: false });
const deaf = somebody('deaf', { takesPrivate: false });
const everybody = [alice, phone, bob, away, deaf];

const roster = (allowsPrivate = true): Roster<Somebody> => ({
  allowsPrivate,
  isRoom: (uri) => uri === 'sip:room',
  sessionsOf: (uri) => everybody.filter((one) => one.owns(uri)),
});

const from = 'sip:alice';

describe('Where a message goes', () => {
  it('is the room when To is the room (draft-ietf-simple-chat-03 §6.1)', () => {
    expect(routeMessage({ from, to: ['sip:room'] }, alice, roster(), 'draft-03')).toEqual({ kind: 'room' });
  });

  it.each(['draft-03', 'rfc7701'] as const)(
    'is nowhere, by 403, when From is not the sender’s or To is many (%s)',
    (dialect) => {
      const refused = { kind: 'refused', code: 403 };
      expect(routeMessage({ from: 'sip:bob', to: ['sip:room'] }, alice, roster(), dialect)).toEqual(refused);
      expect(routeMessage({ from: undefined, to: ['sip:room'] }, alice, roster(), dialect)).toEqual(refused);
      expect(routeMessage({ from, to: ['sip:room', 'sip:bob'] }, alice, roster(), dialect)).toEqual(refused);
    },
  );

  it('is every session of its recipient (§6.2), for oneself the other devices', () => {
    expect(routeMessage({ from, to: ['sip:bob'] }, alice, roster(), 'rfc7701')).toEqual({ kind: 'private', to: [bob] });
    expect(routeMessage({ from, to: ['sip:alice'] }, alice, roster(), 'rfc7701')).toEqual({
      kind: 'private',
      to: [phone],
    });
  });

  it.each([
    ['draft-03', { kind: 'reported', code: 427 }, { kind: 'reported', code: 428 }],
    ['rfc7701', { kind: 'refused', code: 404 }, { kind: 'refused', code: 428 }],
  ] as const)(
    'is nobody when unknown, away, without private messages, or unreadable (%s)',
    (dialect, unknown, unable) => {
      const to = (...uris: string[]): unknown => routeMessage({ from, to: uris }, alice, roster(), dialect);
      expect(to('sip:nobody')).toEqual(unknown);
      expect(to('sip:away')).toEqual(unknown);
      expect(to()).toEqual(unknown);
      expect(routeMessage({ from, to: undefined }, alice, roster(), dialect)).toEqual(unknown);
      expect(to('sip:deaf')).toEqual(unable);
      // In a room without private messages nobody learns who is there.
      for (const uri of ['sip:bob', 'sip:nobody'])
        expect(routeMessage({ from, to: [uri] }, alice, roster(false), dialect)).toEqual(unable);
    },
  );
});
