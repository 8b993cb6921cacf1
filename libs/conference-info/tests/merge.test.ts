import { describe, expect, it } from 'vitest';
import type { ConferenceInfo } from '../src/index.ts';
import { mergeConferenceInfo } from '../src/index.ts';

const entity = 'sip:lounge@chat.example.com';
const local: ConferenceInfo = {
  entity,
  state: 'full',
  version: 1,
  description: { subject: 'Lounge', displayText: 'old' },
  conferenceState: { userCount: 2 },
  users: {
    users: [
      {
        entity: 'sip:alice@h',
        nickname: 'Alice',
        associatedAors: { entries: [{ uri: 'tel:+1' }] },
        endpoints: [{ entity: 'a1', status: 'pending', media: [{ id: '1' }] }, { entity: 'a2' }],
      },
      { entity: 'sip:bob@h' },
    ],
  },
  sidebarsByRef: { entries: [{ uri: 'sip:s1@h' }] },
  sidebarsByVal: { entries: [{ entity: 'sip:v1@h', users: { users: [{ entity: 'sip:a@h' }] } }] },
};

const partial = (changes: Partial<ConferenceInfo>): ConferenceInfo => ({
  entity,
  state: 'partial',
  version: 2,
  ...changes,
});

function updated(changes: Partial<ConferenceInfo>): ConferenceInfo {
  const merged = mergeConferenceInfo(local, partial(changes));
  if (merged.kind !== 'Updated') throw new Error(merged.kind);
  return merged.info;
}

describe('coherent state of a subscriber (RFC 4575 §4.6)', () => {
  it('starts with a full document', () => {
    expect(mergeConferenceInfo(undefined, local)).toEqual({ kind: 'Updated', info: local });
    expect(mergeConferenceInfo(undefined, partial({}))).toEqual({ kind: 'Incomplete' });
  });

  it('discards what is not newer', () => {
    expect(mergeConferenceInfo(local, partial({ version: 1 }))).toEqual({ kind: 'Outdated' });
    expect(mergeConferenceInfo(local, { ...local, version: 0 })).toEqual({ kind: 'Outdated' });
  });

  it('is replaced by a newer full or deleted document, whatever lies between', () => {
    const full = { ...local, version: 9 };
    expect(mergeConferenceInfo(local, full)).toEqual({ kind: 'Updated', info: full });
    const gone: ConferenceInfo = { entity, state: 'deleted', version: 9 };
    expect(mergeConferenceInfo(local, gone)).toEqual({ kind: 'Updated', info: gone });
  });

  it('is incomplete when a partial document was missed', () => {
    expect(mergeConferenceInfo(local, partial({ version: 3 }))).toEqual({ kind: 'Incomplete' });
  });

  it('keeps what a partial document does not mention', () => {
    expect(updated({})).toEqual({ ...local, version: 2 });
  });

  it('replaces elements without a state as a whole', () => {
    expect(updated({ description: { subject: 'Bar' } }).description).toEqual({ subject: 'Bar' });
    expect(updated({ conferenceState: { userCount: 3 } }).conferenceState).toEqual({ userCount: 3 });
  });

  it('adds, replaces and removes users by their key', () => {
    const changes: ConferenceInfo['users'] = {
      state: 'partial',
      users: [
        { entity: 'sip:carol@h', state: 'full' },
        { entity: 'sip:bob@h', state: 'deleted' },
        { entity: 'sip:alice@h' },
      ],
    };
    expect(updated({ users: changes }).users).toEqual({
      users: [{ entity: 'sip:alice@h' }, { entity: 'sip:carol@h' }],
    });
    expect(updated({ users: { users: [] } }).users).toEqual({ users: [] });
    expect(updated({ users: { state: 'deleted', users: [] } })).not.toHaveProperty('users');
  });

  it('goes into users, endpoints and media that are partial', () => {
    const { users } = updated({
      users: {
        state: 'partial',
        users: [
          {
            entity: 'sip:alice@h',
            state: 'partial',
            nickname: 'Alicia',
            associatedAors: { state: 'partial', entries: [{ uri: 'mailto:a@h' }] },
            endpoints: [
              { entity: 'a1', state: 'partial', status: 'connected', media: [{ id: '2' }] },
              { entity: 'a2', state: 'deleted' },
            ],
          },
        ],
      },
    });
    expect(users?.users[0]).toEqual({
      entity: 'sip:alice@h',
      nickname: 'Alicia',
      associatedAors: { entries: [{ uri: 'tel:+1' }, { uri: 'mailto:a@h' }] },
      endpoints: [{ entity: 'a1', status: 'connected', media: [{ id: '1' }, { id: '2' }] }],
    });
  });

  it('goes into sidebars that are partial', () => {
    const merged = updated({
      sidebarsByRef: { state: 'partial', entries: [{ uri: 'sip:s2@h' }] },
      sidebarsByVal: {
        state: 'partial',
        entries: [
          { entity: 'sip:v1@h', state: 'partial', users: { state: 'partial', users: [{ entity: 'sip:b@h' }] } },
        ],
      },
    });
    expect(merged.sidebarsByRef?.entries.map(({ uri }) => uri)).toEqual(['sip:s1@h', 'sip:s2@h']);
    expect(merged.sidebarsByVal?.entries[0]?.users?.users.map((user) => user.entity)).toEqual(['sip:a@h', 'sip:b@h']);
  });
});
