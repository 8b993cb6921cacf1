import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Installation } from '../scenarios/support/installation.ts';
import { startParley } from '../scenarios/support/installation.ts';
import { hasCompiler } from './compiled.ts';
import { generateRoom } from './room/generator.ts';

const domain = 'bench.test';
const accounts = Array.from({ length: 20 }, (_, user) => `u${user}:secret`).join(',');
const shape = { rooms: 2, members: 10, senders: 3, window: 2, domain, seconds: 1, warmup: 0 };

describe.runIf(hasCompiler())('the load generator for rooms against Parley', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley({ PARLEY_USERS: accounts, PARLEY_DOMAIN: domain });
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it.each(['yes', 'no'])(
    'delivers all to everybody, once and in order; answered: %s (RFC 4975 §7.1.4)',
    async (answered) => {
      const figures = await generateRoom({ ...shape, answered, port: parley.ports.sip, prefix: `test${answered}` });
      expect(figures).toMatchObject({
        joined: 20,
        lost: 0,
        duplicates: 0,
        outOfOrder: 0,
        unanswered: 0,
        failure: '',
        faults: 0,
      });
      expect(figures.delivered).toBe(figures.sent * 9);
      expect(figures.sent).toBeGreaterThan(0);
    },
  );
});
