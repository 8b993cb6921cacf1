import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import {
  censusSubject,
  groupSubject,
  historySubject,
  instanceSubject,
  listJobEventSubject,
  listJobSubject,
  listOutcomeSubject,
  listShardCount,
  mailboxSubject,
  nicknameKey,
  nicknamesPrefix,
  parseSubject,
  participantKey,
  participantsPrefix,
  roomEventSubject,
  roomKey,
  shardSubject,
} from '../src/index.ts';

const names = fc.string({ unit: 'grapheme' }).filter((name) => name !== 'shard');

describe('subjects', () => {
  it('parse as what they were built from', () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 0, max: 63 }), (name, shard) => {
        expect(unwrap(parseSubject(shardSubject('focus', shard)))).toEqual({ kind: 'shard', service: 'focus', shard });
        expect(unwrap(parseSubject(instanceSubject('edge', name, 'egress')))).toEqual({
          kind: 'instance',
          service: 'edge',
          instance: name,
          role: 'egress',
        });
        expect(unwrap(parseSubject(mailboxSubject(name)))).toEqual({ kind: 'mailbox', account: name });
        expect(unwrap(parseSubject(historySubject(name)))).toEqual({ kind: 'history', room: name });
        expect(unwrap(parseSubject(roomEventSubject(name)))).toEqual({ kind: 'roomEvent', room: name });
      }),
    );
  });

  it('of groups and of the census are fixed', () => {
    expect(groupSubject('edge', 'accounts')).toBe('edge.accounts');
    expect(unwrap(parseSubject(groupSubject('msrp-switch', 'sessions')))).toEqual({
      kind: 'group',
      service: 'msrp-switch',
      role: 'sessions',
    });
    expect(unwrap(parseSubject(censusSubject))).toEqual({ kind: 'census' });
  });

  it('of other systems are refused', () => {
    for (const subject of [
      '',
      'focus.shard.64',
      'focus.shard.01',
      'focus.shard.x',
      'a.b',
      'room.x',
      '$JS.API.INFO',
      'focus',
    ]) {
      expect(parseSubject(subject).ok, subject).toBe(false);
    }
  });

  it('make any input a subject or an error, never an exception', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof parseSubject(text).ok === 'boolean'));
  });

  it('are built only for shards and instances that can be', () => {
    expect(() => shardSubject('focus', 64)).toThrow('no shard 64');
    expect(() => instanceSubject('edge', 'shard', 'egress')).toThrow('cannot be named');
  });
});

describe('keys of buckets', () => {
  it('of a room list its participants and not the room', () => {
    const prefix = participantsPrefix('sip:a@b');
    expect(participantKey('sip:a@b', 'p.1').startsWith(prefix)).toBe(true);
    expect(roomKey('sip:a@b').startsWith(prefix)).toBe(false);
    expect(participantKey('sip:a@b.c', 'p').startsWith(prefix)).toBe(false);
  });

  it('of a nickname keep scopes apart', () => {
    expect(nicknameKey('a', 'b.c')).not.toBe(nicknameKey('a.b', 'c'));
    expect(nicknameKey('a', 'b').startsWith(nicknamesPrefix('a'))).toBe(true);
  });

  it('of messages to lists are cut into few shards of their own', () => {
    const subjects = Array.from({ length: listShardCount }, (_, shard) => listJobSubject(shard));
    expect(new Set(subjects).size).toBe(8);
    expect(listJobEventSubject(7)).toBe('event.list-job.7');
    expect(listOutcomeSubject('a.b')).toBe('list-outcome.a=2Eb');
    expect(() => listJobSubject(listShardCount)).toThrow();
  });
});
