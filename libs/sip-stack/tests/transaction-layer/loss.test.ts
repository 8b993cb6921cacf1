import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordingUser } from '../recording-user.ts';
import { answer, request } from '../requests.ts';
import { scene } from '../scene.ts';
import { seededRandom } from '../seeded-random.ts';

const links = fc.record({
  seed: fc.integer(),
  loss: fc.double({ min: 0, max: 0.7, noNaN: true }),
  duplication: fc.double({ min: 0, max: 0.5, noNaN: true }),
  longest: fc.integer({ min: 0, max: 1500 }),
  protocol: fc.constantFrom('UDP' as const, 'TCP' as const),
  method: fc.constantFrom('INVITE', 'MESSAGE'),
  status: fc.constantFrom(200, 302, 486, 603),
  thinking: fc.integer({ min: 0, max: 6000 }),
});

describe('any link that loses, delays, reorders and repeats', () => {
  it('gives every request exactly one final response or timeout, and the other side no duplicate', () => {
    fc.assert(
      fc.property(links, ({ seed, loss, duplication, longest, protocol, method, status, thinking }) => {
        const { unit } = seededRandom(seed);
        const { clock, right, pair } = scene({
          protocol,
          delay: () => Math.floor(unit() * (longest + 1)),
          lose: () => unit() < loss,
          duplicate: () => unit() < duplication,
        });
        right.onArrival = (transaction) => {
          clock.after(thinking, () => pair.right.respond(transaction, answer(transaction.request, status)));
        };
        const users = Array.from({ length: 3 }, () => new RecordingUser());
        const sent = users.map((user) => pair.left.sendRequest(request(method), pair.leftFlow, user));
        clock.advance(70_000);
        // Where an INVITE's 100 arrived and all its final responses were lost, only its user's patience ends it.
        for (const transaction of sent) if (transaction.state === 'Proceeding') pair.left.cancel(transaction);
        clock.advance(70_000);
        for (const user of users) {
          const finals = user.heard.filter((word) => word !== '100');
          const accepted = method === 'INVITE' && finals[0] === '200';
          expect(accepted ? [...new Set(finals)] : finals).toEqual([expect.stringMatching(/^(timeout|[2-6]\d\d)$/)]);
        }
        const requests = right.heard.filter((word) => word === method);
        expect(requests.length).toBeLessThanOrEqual(users.length);
        // A late ACK of a refusal finds no transaction and is no request of one.
        const begun = right.heard.filter((word) => /^[A-Z]+$/.test(word) && word !== 'ACK');
        expect(new Set(right.transactions.map((transaction) => transaction.request)).size).toBe(begun.length);
        expect(pair.left.size.client).toBe(0);
        expect(pair.right.size.server).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('over a reliable link delivers each, once', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 3000 }), (seed, longest) => {
        const { unit } = seededRandom(seed);
        const { clock, left, right, pair } = scene({ protocol: 'TLS', delay: () => Math.floor(unit() * longest) });
        right.onArrival = (transaction) => pair.right.respond(transaction, answer(transaction.request, 200));
        for (let n = 0; n < 5; n++) pair.left.sendRequest(request('MESSAGE'), pair.leftFlow, left);
        clock.advance(40_000);
        expect(left.heard).toEqual(['200', '200', '200', '200', '200']);
        expect(right.heard).toHaveLength(5);
      }),
      { numRuns: 50 },
    );
  });
});
