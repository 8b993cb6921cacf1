import { describe, expect, it } from 'vitest';
import { applyConferenceInfo, emptyRoster } from '../../src/index.ts';

const entity = 'sip:room@chat.example.com';
const alice = { entity: 'sip:alice@example.com', nickname: 'Ali', displayText: 'Alice' };
const bob = { entity: 'sip:bob@example.com' };

describe('roster (RFC 4575 §4.6)', () => {
  const full = applyConferenceInfo(emptyRoster, { entity, version: 1, users: { users: [alice, bob] } });

  it('is what a full document says', () => {
    expect([...full.participants.keys()]).toEqual([alice.entity, bob.entity]);
    expect(full.participants.get(alice.entity)).toMatchObject({ nickname: 'Ali', displayText: 'Alice' });
    expect(full.stale).toBe(false);
  });

  it('takes changes, and who is deleted or disconnected goes', () => {
    const users = [
      { entity: alice.entity, state: 'partial' as const, nickname: 'Alice the great' },
      { entity: bob.entity, state: 'deleted' as const },
    ];
    const changed = applyConferenceInfo(full, {
      entity,
      state: 'partial',
      version: 2,
      users: { state: 'partial', users },
    });
    expect([...changed.participants.values()]).toEqual([
      { uri: alice.entity, nickname: 'Alice the great', displayText: 'Alice', roles: [] },
    ]);
    const gone = [{ entity: alice.entity, endpoints: [{ entity: 'x', status: 'disconnected' as const }] }];
    const empty = applyConferenceInfo(changed, { entity, state: 'partial', version: 3, users: { users: gone } });
    expect(empty.participants.size).toBe(0);
  });

  it('MUST discard an older version, and knows when it missed one', () => {
    expect(applyConferenceInfo(full, { entity, version: 1, users: { users: [] } })).toBe(full);
    expect(applyConferenceInfo(full, { entity, state: 'partial', version: 3 }).stale).toBe(true);
    expect(applyConferenceInfo(emptyRoster, { entity, state: 'partial', version: 9 }).stale).toBe(true);
  });
});
