import { describe, expect, it } from 'vitest';
import { ban, expel, grantVoice, identityOf } from '../../src/room/persons.ts';
import type { Room } from '../../src/room/room.ts';
import { nicknameChanged } from '../../src/room/sessions.ts';
import { join, present, roomWith, surroundings } from '../scene.ts';

/** A room in which Mallory, who came first, has the nickname of Bob. */
function roomWithImpostor(): Room {
  const first = join(roomWith({ moderated: true }), { user: 'mallory' });
  const named = present(nicknameChanged(first.room, first.id, 'bob'));
  return join(named, { user: 'bob' }).room;
}

function identities({ participants }: Room): readonly string[] {
  return [...participants.values()].map(({ identity }) => identity);
}

describe('who is meant by a name', () => {
  it('an account of that name comes before who has it as a nickname', () => {
    const room = roomWithImpostor();
    expect(present(grantVoice(room, 'bob', true, surroundings())).policy.speakers).toEqual(['sip:bob@localhost']);
    expect(present(ban(room, 'bob', true, surroundings())).policy.banned).toEqual(['sip:bob@localhost']);
    expect(identities(present(expel(room, 'bob', surroundings())))).toEqual(['sip:mallory@localhost']);
  });

  it('a nickname serves where nobody here has that address, and an address where nobody is called so', () => {
    const { room, id } = join(roomWith(), { user: 'mallory' });
    const named = present(nicknameChanged(room, id, 'Mal'));
    expect(identityOf(named, 'Mal', 'localhost')).toBe('sip:mallory@localhost');
    expect(identityOf(named, 'carol', 'localhost')).toBe('sip:carol@localhost');
  });
});
