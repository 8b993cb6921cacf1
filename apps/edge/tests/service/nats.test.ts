import { freePort, freePorts, eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EdgeProcesses } from '../support/edge-processes.ts';
import { Phone } from '../support/phone.ts';

describe('An edge as a process with a real NATS', () => {
  let edges: EdgeProcesses;
  beforeAll(async () => {
    edges = await EdgeProcesses.open();
  });
  afterAll(async () => {
    await edges[Symbol.asyncDispose]();
  });

  async function exchange(alice: Phone, bob: Phone): Promise<void> {
    const sent = alice.message('sip:bob@localhost');
    bob.answer(await bob.incoming(), 200);
    expect((await sent).statusCode).toBe(200);
  }

  it('passes messages, goes on without NATS, registers again when it is back, and stops cleanly', async () => {
    const port = await freePort();
    await using edge = await edges.start(port);
    await using alice = await Phone.tcp(port, 'alice');
    await using bob = await Phone.tcp(port, 'bob');
    expect((await bob.register()).statusCode).toBe(200);
    await exchange(alice, bob);
    await edges.nats.kill9();
    await exchange(alice, bob);
    await edges.nats.restart();
    await eventually(async () => {
      expect((await bob.register()).statusCode).toBe(200);
    });
    await exchange(alice, bob);
    edge.kill('SIGTERM');
    expect(await edge.exited).toEqual({ code: 0, signal: null });
  });

  it('says in one line why it does not start, and is gone', async () => {
    await using edge = edges.launch(await freePort(), { PARLEY_USERS: 'factory:secret' });
    expect(await edge.exited).toEqual({ code: 1, signal: null });
    expect(edge.stderr.trim().split('\n').at(-1)).toMatch(/^parley edge: PARLEY_USERS is not allowed: name: factory/);
  });

  it('finds bindings over UDP again after a crash, and not those of connections that went with it', async () => {
    const [port = 0] = await freePorts(1);
    await using first = await edges.start(port);
    await using alice = await Phone.udp(port, 'alice');
    await using mobile = await Phone.udp(port, 'bob');
    await using desk = await Phone.tcp(port, 'bob');
    await mobile.register();
    await desk.register();
    first.kill('SIGKILL');
    await first.exited;
    await using _second = await edges.start(port);
    await exchange(alice, mobile);
  });
});
