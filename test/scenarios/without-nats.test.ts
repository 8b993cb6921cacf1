import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startPhone } from './support/phone.ts';
import { processIds } from './support/processes.ts';

describe('Page mode between live bindings', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley();
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it('waits for nothing from NATS', async () => {
    await using alice = await startPhone(parley.ports, 'alice');
    await using bob = await startPhone(parley.ports, 'bob');
    const nats = processIds(parley)['nats-server'];
    process.kill(nats, 'SIGSTOP');
    try {
      for (let number = 1; number <= 50; number++) {
        expect((await alice.send('sip:bob@localhost', String(number))).statusCode).toBe(200);
      }
      expect(bob.texts).toHaveLength(50);
    } finally {
      process.kill(nats, 'SIGCONT');
    }
  });
});
