import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { playSipp, waitInSipp } from './support/sipp.ts';
import type { WaitingSipp } from './support/sipp.ts';
import { hasTool } from './support/tool.ts';

const callTo = (name: string): readonly string[] => [
  ...['-key', 'from', 'alice@localhost', '-key', 'to', `${name}@localhost`],
  ...['-au', 'alice', '-ap', 'secret'],
];

describe.skipIf(!hasTool('sipp'))('Calls of sipp through Parley', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley();
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  async function register({ port }: WaitingSipp, name: string): Promise<void> {
    const contact = ['-s', name, '-au', name, '-ap', 'secret', '-key', 'contact', `127.0.0.1:${port}`];
    expect((await playSipp('register', parley.ports.sip, contact)).code).toBe(0);
  }

  it.each(['u1', 't1'])(
    'are made, changed and ended (%s): INVITE, re-INVITE, BYE (RFC 3261 §13, §14, §15)',
    async (over) => {
      await using callee = await waitInSipp('callee');
      await register(callee, 'bob');
      const { code, stderr } = await playSipp('caller', parley.ports.sip, ['-t', over, ...callTo('bob')]);
      expect([code, await callee.ended, stderr]).toEqual([0, 0, expect.anything()]);
    },
  );

  it('are cancelled while they ring (RFC 3261 §9)', async () => {
    await using callee = await waitInSipp('cancelled-callee');
    // Nobody else is registered there: a device that says nothing would keep the caller waiting.
    await register(callee, 'carol');
    const { code, stderr } = await playSipp('cancelling-caller', parley.ports.sip, callTo('carol'));
    expect([code, await callee.ended, stderr]).toEqual([0, 0, expect.anything()]);
  });
});
