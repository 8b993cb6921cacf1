import { freePort } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpimBody, imdnsIn } from '../support/cpim.ts';
import { EdgeProcesses } from '../support/edge-processes.ts';
import { Phone } from '../support/phone.ts';

const count = 50;

describe('kill -9 while a device refuses its mail', () => {
  let edges: EdgeProcesses;
  beforeAll(async () => {
    edges = await EdgeProcesses.open({ PARLEY_AUTH: 'none', PARLEY_LEASE_MS: '3000' });
  });
  afterAll(async () => {
    await edges[Symbol.asyncDispose]();
  });

  async function fill(port: number): Promise<void> {
    await using alice = await Phone.tcp(port, 'alice');
    for (let i = 0; i < count; i++) {
      const body = cpimBody(String(i), { id: `m${i}`, requests: 'negative-delivery' });
      alice.send(alice.write('MESSAGE', 'sip:bob@localhost', { body, fields: ['Content-Type: message/cpim'] }));
    }
    for (let i = 0; i < count; i++) expect((await alice.final()).statusCode).toBe(202);
  }

  /** Refuses what comes, until `enough` says so of its text. */
  async function refuse(phone: Phone, enough: (text: string) => boolean): Promise<void> {
    for (;;) {
      const request = await phone.incoming();
      phone.answer(request, 488);
      if (enough(Buffer.from(request.body).toString().split('\r\n').at(-1) ?? '')) return;
    }
  }

  it('tells the sender of each of 50 messages once that it failed (RFC 5438 §8.2)', async () => {
    const port = await freePort();
    const first = await edges.start(port);
    await fill(port);
    await using before = await Phone.tcp(port, 'bob');
    await before.register();
    await refuse(before, (text) => text === '20');
    first.kill('SIGKILL');
    await first.exited;
    await using second = await edges.start(port);
    await using after = await Phone.tcp(port, 'bob');
    await after.register();
    await refuse(after, (text) => text === String(count - 1));
    await using alice = await Phone.tcp(port, 'alice');
    await alice.register();
    const told: string[] = [];
    while (told.length < count) {
      const request = await alice.incoming();
      alice.answer(request, 200);
      for (const { messageId, disposition } of imdnsIn(request)) told.push(`${messageId} ${disposition?.status ?? ''}`);
    }
    expect(told.toSorted()).toEqual(Array.from({ length: count }, (_, i) => `m${i} failed`).toSorted());
    expect(second.stderr).not.toContain('fault while');
  });
});
