import { describe, expect, it } from 'vitest';
import { House, room, uriOf } from './support/house.ts';
import { cpim } from './support/peer.ts';

// Where no add-on could be built, both are Node's.
describe.each(['auto', 'off'])('TCP with native sockets %s', (choice) => {
  it('carries messages of any size to many, also to one that reads late, and ends with its sessions', async () => {
    await using house = await House.open({ environment: { PARLEY_NATIVE_SOCKETS: choice } });
    const [alice, bob, late] = [await house.join('alice'), await house.join('bob'), await house.join('late')];
    late.socket.pause();
    const large = cpim(uriOf('alice'), room, 'x'.repeat(3_000_000));
    for (let i = 0; i < 20; i++) alice.shout(cpim(uriOf('alice'), room, `${i}`), { failureReport: 'no' });
    await alice.say(large, { messageId: 'large' });
    late.socket.resume();
    for (const hearer of [bob, late]) {
      await expect.poll(() => hearer.sends.filter(({ flag }) => flag === '$').length).toBe(21);
      const ofLarge = hearer.sends.filter(({ request }) => request.messageId === 'large');
      expect(ofLarge.map(({ body }) => body).join('') === large).toBe(true);
    }
    await house.command({ kind: 'close', value: { session: late.session, reason: 'BYE' } });
    await late.closed();
  });
});
