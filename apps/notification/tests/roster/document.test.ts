import { conferenceInfoText, readConferenceInfo, serialiseConferenceInfo } from '@parley/conference-info';
import { portableCodec, unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { DocumentPress } from '../../src/roster/document-press.ts';
import { conferenceDocument } from '../../src/roster/document.ts';
import type { Roster, RosterChange, RosterParticipant } from '../../src/roster/roster.ts';
import { applyChange } from '../../src/roster/roster.ts';
import { participant } from '../peers.ts';

function rosterOf(...participants: readonly RosterParticipant[]): Roster {
  return {
    room: 'sip:lobby@chat.localhost',
    version: 4,
    participants: new Map(participants.map((one) => [one.id, one])),
    hideMembers: false,
    admission: '',
  };
}

const alice = participant('alice', { nickname: 'Ali', displayName: 'Alice' });
const phone = participant('phone', { uri: 'sip:alice@localhost', bound: false });
const bob = participant('bob');

describe('the conference information document (RFC 4575 §5)', () => {
  it('MUST have entity, version and, being full, all users', () => {
    const document = conferenceDocument(rosterOf(alice, bob), 'sip:bob@localhost', 7);
    const read = unwrap(readConferenceInfo(serialiseConferenceInfo(document)));
    expect(read).toMatchObject({ entity: 'sip:lobby@chat.localhost', state: 'full', version: 7 });
    expect(read.conferenceState).toMatchObject({ userCount: 2, active: true });
    expect(read.users?.users.map(({ entity }) => entity)).toEqual(['sip:alice@localhost', 'sip:bob@localhost']);
  });

  it('carries the nickname as an attribute of the user (RFC 7701 §7.4)', () => {
    const text = conferenceInfoText(conferenceDocument(rosterOf(alice), '', 1));
    expect(text).toContain('xmlns:xcon="urn:ietf:params:xml:ns:xcon-conference-info"');
    expect(text).toMatch(/<user [^>]*xcon:nickname="Ali"/);
  });

  it('has one user per address and one endpoint per device (§5.6, §5.7)', () => {
    const { users, conferenceState } = conferenceDocument(rosterOf(alice, phone, bob), '', 1);
    expect(conferenceState?.userCount).toBe(2);
    const endpoints = users?.users[0]?.endpoints ?? [];
    expect(endpoints.map(({ entity, status }) => [entity, status])).toEqual([
      ['sip:alice@localhost;endpoint=alice', 'connected'],
      ['sip:alice@localhost;endpoint=phone', 'pending'],
    ]);
  });

  it('shows hidden members to themselves alone', () => {
    const hidden = { ...rosterOf(alice, bob), hideMembers: true };
    const { users } = conferenceDocument(hidden, 'sip:bob@localhost', 1);
    expect(users?.users.map(({ entity }) => entity)).toEqual(['sip:bob@localhost']);
  });
});

describe('the press of documents', () => {
  const press = new DocumentPress(portableCodec);
  const printed = (roster: Roster, identity: string, version: number): string =>
    new TextDecoder().decode(press.print(roster, identity, version));

  it('prints what a document of this version is, time and again', () => {
    const odd = rosterOf(participant('x', { displayName: 'version="0" & é', nickname: '"0"' }), bob);
    for (const version of [1, 2, 4_294_967_295]) {
      expect(printed(odd, 'sip:bob@localhost', version)).toBe(conferenceInfoText(conferenceDocument(odd, '', version)));
    }
  });

  it('prints for each what it may see where members are hidden', () => {
    const hidden = { ...rosterOf(alice, bob), hideMembers: true };
    expect(printed(hidden, 'sip:bob@localhost', 1)).not.toContain('alice');
    expect(printed(hidden, 'sip:alice@localhost', 1)).toContain('alice');
  });
});

describe('a change of the roster', () => {
  const roster = rosterOf(alice);
  const change = (more: Partial<RosterChange>): RosterChange => {
    return { version: 5, joined: [], changed: [], left: [], deleted: false, ...more };
  };

  it('with the next version is taken in', () => {
    const joined = applyChange(roster, change({ joined: [bob], left: ['alice'] }));
    expect(joined).toMatchObject({ kind: 'roster', roster: { version: 5 } });
    expect(joined.kind === 'roster' && [...joined.roster.participants.keys()]).toEqual(['bob']);
  });

  it('of an old version is none, a gap or a change without names is a question, a deleted room is gone', () => {
    expect(applyChange(roster, change({ version: 4, joined: [bob] }))).toEqual({ kind: 'same' });
    expect(applyChange(roster, change({ version: 6, joined: [bob] }))).toEqual({ kind: 'ask' });
    expect(applyChange(roster, change({}))).toEqual({ kind: 'ask' });
    expect(applyChange(roster, change({ version: 9, deleted: true }))).toEqual({ kind: 'gone' });
  });
});
