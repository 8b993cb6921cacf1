import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { SipPair } from '../../src/testing.ts';
import { RecordingUser } from '../recording-user.ts';
import { answer, request } from '../requests.ts';
import { seededRandom } from '../seeded-random.ts';

describe('two transaction layers over a perfect link', () => {
  it('carry a MESSAGE and its 200', () => {
    const clock = new SimulatedClock();
    const left = new RecordingUser();
    const right = new RecordingUser();
    const pair = new SipPair({ clock, random: seededRandom(1), left, right });
    right.onArrival = (transaction) => pair.right.respond(transaction, answer(transaction.request, 200));
    pair.left.sendRequest(request('MESSAGE'), pair.leftFlow, left);
    clock.advance(100);
    expect(right.heard).toEqual(['MESSAGE']);
    expect(left.heard).toEqual(['200']);
    clock.advance(32_100);
    expect([pair.left.size, pair.right.size]).toEqual([
      { client: 0, server: 0 },
      { client: 0, server: 0 },
    ]);
    expect(clock.pending).toBe(0);
  });
});
