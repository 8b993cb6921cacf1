import type { ConferenceInfo } from '@parley/conference-info';
import { mergeConferenceInfo, readConferenceInfo } from '@parley/conference-info';
import { decodeUtf8, portableCodec, unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentPress } from '../../src/roster/document-press.ts';
import { LiveRoster } from '../../src/roster/live-roster.ts';
import type { Roster, RosterChange, RosterParticipant } from '../../src/roster/roster.ts';
import type { View } from '../../src/roster/view.ts';
import { viewOf } from '../../src/roster/view.ts';
import { participant } from '../peers.ts';

const room = 'sip:lobby@chat.localhost';
const plenty = 262_144;

function rosterOf(...participants: readonly RosterParticipant[]): Roster {
  return {
    room,
    version: 4,
    participants: new Map(participants.map((one) => [one.id, one])),
    hideMembers: false,
    admission: '',
  };
}

/** A subscriber that is told of rosters one after the other, and keeps the coherent view of RFC 4575 §4.6. */
class Reader {
  info: ConferenceInfo | undefined;
  text = '';
  documents = 0;
  private readonly press = new DocumentPress(portableCodec);
  private readonly limit: number;
  private readonly identity: string;
  private shown: View | undefined;

  constructor(limit = plenty, identity = 'sip:bob@localhost') {
    this.limit = limit;
    this.identity = identity;
  }

  /** Reads the documents that tell of a roster; their states. */
  sees(roster: Roster): readonly (string | undefined)[] {
    const target = viewOf(roster, this.identity);
    const states: (string | undefined)[] = [];
    for (let plate = this.next(target); plate !== undefined; plate = this.next(target)) {
      const octets = this.press.print(plate, ++this.documents);
      expect(octets.length).toBeLessThan(this.limit + 2000);
      this.text = decodeUtf8(octets);
      const told = unwrap(readConferenceInfo(octets));
      const merged = mergeConferenceInfo(this.info, told);
      expect(merged.kind).toBe('Updated');
      this.info = merged.kind === 'Updated' ? merged.info : undefined;
      this.shown = plate.shown;
      states.push(told.state);
    }
    return states;
  }

  private next(target: View) {
    return this.press.plate(room, this.shown, target, this.limit);
  }

  /** What it knows of each user: nickname, name, and the status of each device. */
  get known(): unknown {
    const users = this.info?.users?.users ?? [];
    return new Map(
      users.map(({ entity, nickname, displayText, endpoints }) => [
        entity,
        [nickname, displayText, devicesOf(endpoints)],
      ]),
    );
  }
}

function devicesOf(endpoints: NonNullable<ConferenceInfo['users']>['users'][number]['endpoints']) {
  return new Map(endpoints?.map(({ entity, status, media }) => [entity, [status, media?.[0]?.status]]));
}

const alice = participant('alice', { nickname: 'Ali', displayName: 'Alice' });
const phone = participant('phone', { uri: 'sip:alice@localhost', bound: false });
const bob = participant('bob');
const crowd = Array.from({ length: 20 }, (_, i) => participant(`user${i}`));

describe('the full conference information document (RFC 4575 §5)', () => {
  it('MUST have entity, version, description and all users', () => {
    const reader = new Reader();
    expect(reader.sees(rosterOf(alice, bob))).toEqual(['full']);
    expect(reader.info).toMatchObject({ entity: room, version: 1, conferenceState: { userCount: 2, active: true } });
    expect(reader.info?.description?.confUris?.entries).toMatchObject([{ uri: room }]);
    expect(reader.info?.users?.users.map(({ entity }) => entity)).toEqual(['sip:alice@localhost', 'sip:bob@localhost']);
  });

  it('carries the nickname as an attribute of the user (RFC 7701 §7.4)', () => {
    const reader = new Reader();
    reader.sees(rosterOf(alice, participant('odd', { displayName: 'version="0" & é', nickname: '"0"' })));
    expect(reader.text).toContain('xmlns:xcon="urn:ietf:params:xml:ns:xcon-conference-info"');
    expect(reader.text).toMatch(/<user [^>]*xcon:nickname="Ali"/);
    expect(reader.info?.users?.users[1]).toMatchObject({ nickname: '"0"', displayText: 'version="0" & é' });
  });

  it('has one user per address and one endpoint per device with status and media (§5.6, §5.7, §5.8)', () => {
    const reader = new Reader();
    reader.sees(rosterOf(alice, phone, bob));
    expect(reader.info?.conferenceState?.userCount).toBe(2);
    expect(reader.info?.users?.users[0]?.endpoints).toMatchObject([
      {
        entity: 'sip:alice@localhost;endpoint=alice',
        status: 'connected',
        media: [{ type: 'message', status: 'sendrecv' }],
      },
      {
        entity: 'sip:alice@localhost;endpoint=phone',
        status: 'pending',
        media: [{ type: 'message', status: 'inactive' }],
      },
    ]);
  });

  it('shows who was called and who does not want to hear as the focus knows it (§5.7.3, §5.7.4, §5.8.5)', () => {
    const reader = new Reader();
    reader.sees(rosterOf(participant('held', { onHold: true, dialedOut: true })));
    expect(reader.info?.users?.users[0]?.endpoints).toMatchObject([
      { status: 'on-hold', joiningMethod: 'dialed-out', media: [{ status: 'sendonly' }] },
    ]);
  });

  it('shows hidden members to themselves alone', () => {
    const hidden = { ...rosterOf(alice, bob), hideMembers: true };
    for (const user of ['alice', 'bob']) {
      const reader = new Reader(plenty, `sip:${user}@localhost`);
      reader.sees(hidden);
      expect(reader.info?.users?.users.map(({ entity }) => entity)).toEqual([`sip:${user}@localhost`]);
      expect(reader.info?.conferenceState?.userCount).toBe(1);
    }
  });
});

describe('partial notifications (RFC 4575 §4.4)', () => {
  const read = (...rosters: readonly Roster[]): Reader => {
    const reader = new Reader();
    for (const roster of rosters) reader.sees(roster);
    return reader;
  };

  it('tell of those alone who came or went, with the next version', () => {
    const reader = read(rosterOf(...crowd));
    expect(reader.sees(rosterOf(...crowd.slice(1), alice))).toEqual(['partial']);
    expect(reader.text).toContain('version="2"');
    expect(reader.text).toContain('<users state="partial">');
    expect(reader.text).toContain('<user entity="sip:user0@localhost" state="deleted"/>');
    expect(reader.text).not.toContain('sip:user1@localhost');
    expect(reader.info?.conferenceState?.userCount).toBe(20);
  });

  it('tell of a device that came, changed or went as an endpoint of a partial user', () => {
    const reader = read(rosterOf(...crowd, alice, phone));
    reader.sees(rosterOf(...crowd, alice, { ...phone, bound: true }));
    expect(reader.text).toContain('<user entity="sip:alice@localhost" state="partial"><endpoint');
    expect(reader.text).not.toContain('endpoint=alice"');
    const desk = { ...phone, id: 'desk' };
    reader.sees(rosterOf(...crowd, alice, desk));
    expect(reader.text).toContain('<endpoint entity="sip:alice@localhost;endpoint=phone" state="deleted"/>');
    expect([...devicesOf(reader.info?.users?.users[20]?.endpoints).keys()]).toEqual([
      'sip:alice@localhost;endpoint=alice',
      'sip:alice@localhost;endpoint=desk',
    ]);
  });

  it('tell of a user whole whose nickname changed or went, as a partial one could not take it away', () => {
    const reader = read(rosterOf(...crowd, alice));
    expect(reader.sees(rosterOf(...crowd, { ...alice, nickname: '' }))).toEqual(['partial']);
    expect(reader.info?.users?.users[20]).toMatchObject({ entity: 'sip:alice@localhost', displayText: 'Alice' });
    expect(reader.info?.users?.users[20]?.nickname).toBeUndefined();
  });

  it('are none when nothing that can be seen has changed', () => {
    const reader = read(rosterOf(...crowd));
    expect(reader.sees({ ...rosterOf(...crowd.map((one) => ({ ...one }))), version: 5, admission: 'x' })).toEqual([]);
  });

  it('are not used where they would tell half of it or more', () => {
    expect(read(rosterOf(alice)).sees(rosterOf(alice, bob))).toEqual(['full']);
  });

  it('go on behind a full document that does not hold all: none is larger than the limit', () => {
    const reader = new Reader(4000);
    const states = reader.sees(rosterOf(...Array.from({ length: 200 }, (_, i) => participant(`user${i}`))));
    expect(states.slice(0, 2)).toEqual(['full', 'partial']);
    expect(states.length).toBeGreaterThan(10);
    expect(reader.info?.users?.users).toHaveLength(200);
    expect(reader.info?.conferenceState?.userCount).toBe(200);
  });

  it('lead to what a full one would have told, whatever happened (property)', () => {
    const device = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
      user: fc.constantFrom('x', 'y', 'z', 'v', 'w'),
      nickname: fc.constantFrom('', 'Queen', 'Knave'),
      displayName: fc.constantFrom('', 'A & B'),
      bound: fc.boolean(),
      onHold: fc.boolean(),
    });
    const rosters = fc.array(fc.uniqueArray(device, { selector: ({ id }) => id }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rosters, fc.constantFrom(500, plenty), (all, limit) => {
        const reader = new Reader(limit);
        for (const devices of all) {
          const roster = rosterOf(
            ...devices.map(({ user, ...one }) => participant(one.id, { ...one, uri: `sip:${user}@localhost` })),
          );
          reader.sees(roster);
          const fresh = new Reader();
          fresh.sees(roster);
          expect(reader.known).toEqual(fresh.known);
        }
      }),
    );
  });
});

describe('a roster that is kept up to date', () => {
  const change = (more: Partial<RosterChange>): RosterChange => {
    return { version: 5, joined: [], changed: [], left: [], deleted: false, ...more };
  };

  it('takes a change with the next version in', () => {
    const roster = new LiveRoster(rosterOf(alice));
    expect(roster.take(change({ joined: [bob], left: ['alice'] }))).toBe('taken');
    expect([...roster.snapshot().participants.keys()]).toEqual(['bob']);
    expect(roster.snapshot()).toBe(roster.snapshot());
  });

  it('leaves what it gave out as it was', () => {
    const roster = new LiveRoster(rosterOf(alice));
    const before = roster.snapshot();
    roster.take(change({ joined: [bob] }));
    expect([...before.participants.keys()]).toEqual(['alice']);
    expect(roster.snapshot()).toMatchObject({
      version: 5,
      participants: new Map([
        ['alice', alice],
        ['bob', bob],
      ]),
    });
  });

  it('has a question at a gap or a change without names, does not look at old versions, and ends with the room', () => {
    const roster = new LiveRoster(rosterOf(alice));
    expect(roster.take(change({ version: 4, joined: [bob] }))).toBe('same');
    expect(roster.take(change({ version: 6, joined: [bob] }))).toBe('ask');
    expect(roster.take(change({}))).toBe('ask');
    expect(roster.take(change({ version: 9, deleted: true }))).toBe('gone');
  });

  it('keeps the participants that look as before when the focus shows the room again', () => {
    const roster = new LiveRoster(rosterOf(alice, bob));
    roster.replace({ ...rosterOf({ ...alice }, { ...bob, bound: false }), version: 7 });
    const { version, participants } = roster.snapshot();
    expect([version, participants.get('alice') === alice, participants.get('bob')?.bound]).toEqual([7, true, false]);
  });
});
