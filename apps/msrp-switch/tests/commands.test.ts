import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { censusSubject, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSwitchLimits } from '../src/limits.ts';
import { House } from './support/house.ts';
import { Peer } from './support/peer.ts';

describe('What the focus says', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.open();
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('opens sessions with identifiers that cannot be guessed: at least 80 bits (RFC 4975 §14.1)', async () => {
    const [one, two] = [await house.offer('alice'), await house.offer('alice')];
    expect(one.session).toMatch(/^[0-9a-v]{16,}$/);
    expect(two.session).not.toBe(one.session);
    expect(one.toPath).toBe(`msrp://127.0.0.1:${house.service.ports?.['msrp']}/${one.session};tcp`);
  });

  it('is carried out once: the same command is answered with the same session', async () => {
    const command = { kind: 'open', value: house.openCommand('bob') } as const;
    const first = await house.command(command, { commandId: 'join-bob' });
    expect(await house.command(command, { commandId: 'join-bob', anyInstance: true })).toEqual(first);
  });

  it('is refused for a path that cannot be read or a transport that is not there', async () => {
    const refused = async (more: object): Promise<unknown> => {
      const value = { ...house.openCommand('eve'), ...more };
      return await house.command({ kind: 'open', value });
    };
    expect(await refused({ peerPath: ['http://x'] })).toMatchObject({ kind: 'refusal', value: { status: 400 } });
    const cannotDial = { setup: 'active', transport: 'ws' };
    expect(await refused(cannotDial)).toMatchObject({ kind: 'refusal', value: { status: 488 } });
  });

  it('is answered even when it is empty, as a probe is', async () => {
    expect(await house.command(undefined)).toMatchObject({ kind: 'refusal' });
  });

  it('closes a hub and all sessions in it', async () => {
    const [one, two] = [await house.join('one'), await house.join('two')];
    await house.command({ kind: 'closeHub', value: { reason: 'deleted' } });
    await one.closed();
    await two.closed();
    expect(await house.metric('parley_msrp_sessions{state="bound"')).toMatch(/ 0$/);
  });

  it('is told in a census where the switch listens', async () => {
    const answers = unwrap(
      await house.bus.gather(censusSubject, rpc.census, { withMetrics: true }, { within: 30_000, enough: 1 }),
    );
    const { msrp, msrps, msrpWs } = house.service.ports ?? {};
    const addresses = [
      `msrp://127.0.0.1:${msrp};tcp`,
      `msrps://127.0.0.1:${msrps};tcp`,
      `msrp://127.0.0.1:${msrpWs};ws`,
    ];
    expect(answers).toMatchObject([{ service: 'msrp-switch', addresses }]);
  });
});

describe('A session for which the switch connects (RFC 4975 §5.4, RFC 6135 §4.2)', () => {
  interface Waiter {
    /** At the first connection. */
    readonly peer: Peer;
    /** At the next one. */
    readonly next: () => Promise<Peer>;
    readonly session: string;
    readonly fromPath: string;
  }

  /** Somebody who waits for the switch, and the offer that names him. */
  async function waiter(house: House): Promise<Waiter & Disposable> {
    const [accepted, sockets]: [Socket[], Socket[]] = [[], []];
    const server = createServer((socket) => accepted.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const fromPath = `msrp://127.0.0.1:${port}/waiting;tcp`;
    const offer = await house.offer('alice', { setup: 'active', peerPath: [fromPath] });
    const next = async (): Promise<Peer> => {
      const socket = await eventually(() => {
        const first = accepted.shift();
        if (first === undefined) throw new Error('expected a connection');
        return first;
      });
      sockets.push(socket);
      return new Peer(socket, offer.toPath, fromPath);
    };
    return {
      peer: await next(),
      next,
      session: offer.session,
      fromPath,
      [Symbol.dispose]: (): void => {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    };
  }

  it('is bound by an empty SEND of the switch that is answered', async () => {
    await using house = await House.open();
    using alice = await waiter(house);
    const greeting = await alice.peer.heard(1);
    expect(greeting.request).toMatchObject({ contentType: undefined });
    alice.peer.answer(greeting, 200);
    await house.hasTold('participantBound', 'alice');
    expect(await alice.peer.bind()).toBe(200);
  });

  // As a Node client with setup:passive: our connection and its SEND come before the 200 of the INVITE that has our path.
  it('is greeted again by a peer that answers 481 before it knows our path, and welcomed when it does', async () => {
    await using house = await House.open();
    using alice = await waiter(house);
    const greeting = await alice.peer.heard(1);
    alice.peer.answer(greeting, 481);
    alice.peer.report(greeting, 481); // which it need not, and some do
    const again = await alice.peer.heard(2);
    expect(house.told.map(({ command }) => command?.kind)).not.toContain('participantBound');
    alice.peer.answer(again, 200);
    await house.hasTold('participantBound', 'alice');
  });

  it('is bound by the first connection that is answered, where its terms changed meanwhile', async () => {
    await using house = await House.open();
    using alice = await waiter(house);
    const greeting = await alice.peer.heard(1);
    const terms = house.openCommand('alice', { setup: 'active', peerPath: [alice.fromPath] });
    await house.command({ kind: 'change', value: { session: alice.session, terms } });
    const second = await alice.next();
    const late = await second.heard(1);
    alice.peer.answer(greeting, 200);
    await house.hasTold('participantBound', 'alice');
    second.answer(late, 506);
    await second.closed();
    expect(await alice.peer.bind()).toBe(200);
  });

  it('is lost when nobody is there', async () => {
    await using house = await House.open({ limits: { ...defaultSwitchLimits, bindTime: 200 } });
    await house.offer('alice', { setup: 'active', peerPath: ['msrp://127.0.0.1:1/nobody;tcp'] });
    await house.hasTold('participantLost', 'alice');
  });
});

describe('A switch that drains', () => {
  it('opens nothing more, ends its sessions and tells the focus of each', async () => {
    await using house = await House.open();
    const [alice, bob] = [await house.join('alice'), await house.join('bob')];
    await house.service.drain?.();
    for (const name of ['alice', 'bob']) {
      expect((await house.hasTold('participantLost', name)).command).toMatchObject({
        value: { reason: 'the switch stops' },
      });
    }
    await alice.closed();
    await bob.closed();
  });
});

describe('A switch that is full', () => {
  it('refuses sessions with 503 and closes connections', async () => {
    const limits = { ...defaultSwitchLimits, sessions: 1, connectionsPerAddress: 1 };
    await using house = await House.open({ limits });
    const alice = await house.join('alice');
    expect(await house.command({ kind: 'open', value: house.openCommand('bob') })).toMatchObject({
      kind: 'refusal',
      value: { status: 503 },
    });
    const another = await house.connect({
      toPath: 'msrp://127.0.0.1:' + String(house.service.ports?.['msrp']) + '/x;tcp',
      fromPath: 'msrp://a:1/x;tcp',
      session: '',
    });
    await another.closed();
    expect(await alice.bind()).toBe(200);
  });
});
