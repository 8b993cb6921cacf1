import { createMemoryBroker, connectBus } from '@parley/bus';
import type { Bus } from '@parley/bus';
import type { nickname } from '@parley/contracts';
import { buckets, nickname as nicknames, nicknameKey, rpc, shardCount, shardSubject } from '@parley/contracts';
import { shardOf } from '@parley/actor';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import type { RunningService } from '@parley/service';
import { eventually, startNats, testContext } from '@parley/testing';
import type { NatsServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNickname } from '../src/service.ts';

const room = 'sip:lobby@chat.localhost';
const alice = 'sip:alice@localhost';
const bob = 'sip:bob@localhost';
const carol = 'sip:carol@localhost';
const environment = {
  PARLEY_LEASE_MS: '3000',
  PARLEY_NICKNAMES_RESERVED: 'the house',
};
let commands = 0;

async function ask(
  bus: Bus,
  command: NonNullable<nickname.NicknameCommand['command']>,
  commandId?: string,
  scope = room,
) {
  const question = { commandId: commandId ?? `c${++commands}`, scope, command };
  const subject = shardSubject('nickname', shardOf(scope));
  for (;;) {
    const options = { deadline: systemClock.now() + 30_000 };
    const { outcome } = unwrap(await bus.request(subject, rpc.nickname, question, options));
    // A 503 says to ask again: a busy store, or a shard that moves.
    if (outcome?.kind !== 'refusal' || outcome.value.status !== 503) return outcome;
  }
}

function reserve(bus: Bus, name: string, holder: string, commandId?: string) {
  return ask(bus, { kind: 'reserve', value: { nickname: name, holder, participant: 'p' } }, commandId);
}

function leave(bus: Bus, holder: string) {
  return ask(bus, { kind: 'release', value: { holder, room, leftAt: systemClock.wallTime() } });
}

describe('nickname service', () => {
  const broker = createMemoryBroker({ clock: systemClock });
  const bus = broker.connect();
  let service: RunningService;
  beforeAll(() => {
    service = startNickname(testContext('nickname', { environment }), broker.connect());
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await bus.drain();
  });

  it('gives a nickname to one holder and refuses it to the next', async () => {
    expect(await reserve(bus, 'Alice', alice)).toMatchObject({ kind: 'reserved', value: { nickname: 'Alice' } });
    expect(await reserve(bus, 'ALICE', bob)).toMatchObject({ kind: 'refusal', value: { status: 409 } });
  });

  it('answers a repeated command as before and does not carry it out twice', async () => {
    const first = await reserve(bus, 'Wonderland', alice, 'repeat');
    await reserve(bus, 'Somewhere', alice);
    expect(await reserve(bus, 'Wonderland', alice, 'repeat')).toEqual(first);
    const list = await ask(bus, { kind: 'list', value: {} });
    expect(list?.kind === 'list' && list.value.items.map((item) => item.nickname)).toEqual(['Somewhere']);
  });

  it('keeps what a holder had who leaves, for it alone', async () => {
    expect(await leave(bus, alice)).toMatchObject({ kind: 'reserved', value: { previous: 'Somewhere' } });
    expect(await reserve(bus, 'somewhere', bob)).toMatchObject({ kind: 'refusal', value: { status: 409 } });
    expect(await reserve(bus, 'Somewhere', alice)).toMatchObject({ kind: 'reserved', value: { previous: '' } });
  });

  it('gives nobody a reserved word', async () => {
    expect(await reserve(bus, 'The House', bob)).toMatchObject({ kind: 'refusal', value: { status: 409 } });
  });
});

describe('a nickname service that keeps nicknames for a second', () => {
  it('gives up what nobody came back for', async () => {
    const broker = createMemoryBroker({ clock: systemClock });
    await using bus = broker.connect();
    const short = { ...environment, PARLEY_NICKNAME_QUARANTINE: '1' };
    const service = startNickname(testContext('nickname', { environment: short }), broker.connect());
    await reserve(bus, 'Alice', alice);
    await leave(bus, alice);
    await eventually(async () => {
      const list = await ask(bus, { kind: 'list', value: {} });
      expect(list?.kind === 'list' && list.value.items).toEqual([]);
    });
    expect(await reserve(bus, 'ALICE', bob)).toMatchObject({ kind: 'reserved' });
    await service[Symbol.asyncDispose]();
  });
});

describe('a nickname whose holder left without a word, as its focus died', () => {
  it('is given up when somebody else wants it and the roster does not show it', async () => {
    const broker = createMemoryBroker({ clock: systemClock });
    await using bus = broker.connect();
    const short = { ...environment, PARLEY_NICKNAME_QUARANTINE: '0' };
    const held = (name: string, holder: string): nickname.NicknameRecord => ({
      scope: room,
      nickname: name,
      prepared: name.toLowerCase(),
      holder,
      reservedAt: 1,
      epoch: 0,
      commandId: 'old',
      uses: [{ room, since: 1 }],
      keptUntil: 0,
    });
    const bucket = bus.bucket(buckets.nicknames, nicknames.NicknameRecord);
    for (const [name, holder] of [
      ['Ghost', alice],
      ['Living', carol],
    ] as const)
      unwrap(await bucket.create(nicknameKey(room, name.toLowerCase()), held(name, holder)));
    const living = { id: 'p', uri: carol, nickname: 'Living', joinedAt: 1, displayName: '', bound: true };
    bus.serve(shardSubject('focus', shardOf(room)), rpc.focus, () => ({
      outcome: { kind: 'room' as const, value: { uri: room, version: 1, policy: undefined, participants: [living] } },
    }));
    const service = startNickname(testContext('nickname', { environment: short }), broker.connect());
    expect(await reserve(bus, 'living', bob)).toMatchObject({ kind: 'refusal', value: { status: 409 } });
    expect(await reserve(bus, 'ghost', bob)).toMatchObject({ kind: 'refusal', value: { status: 409 } });
    await eventually(async () => {
      expect(await reserve(bus, 'ghost', bob)).toMatchObject({ kind: 'reserved' });
    });
    expect(await reserve(bus, 'living', bob)).toMatchObject({ kind: 'refusal', value: { status: 409 } });
    await service[Symbol.asyncDispose]();
  });
});

describe('two nickname services on one NATS', () => {
  let nats: NatsServer;
  const services: RunningService[] = [];
  const connect = async (name: string): Promise<Bus> =>
    unwrap(await connectBus({ url: nats.url, name, clock: systemClock }));
  let bus: Bus;

  beforeAll(async () => {
    nats = await startNats();
    bus = await connect('test');
    for (const instance of ['n1', 'n2']) {
      services.push(startNickname(testContext('nickname', { instance, environment }), await connect(instance)));
    }
  });
  afterAll(async () => {
    for (const service of services) await service[Symbol.asyncDispose]();
    await bus.drain();
    await nats.stop();
  });

  it('let exactly one of many who ask at once have a nickname', async () => {
    const holders = Array.from({ length: 20 }, (_, i) => `sip:user${i}@localhost`);
    for (let round = 0; round < 20; round++) {
      const outcomes = await Promise.all(holders.map((holder) => reserve(bus, `prize ${round}`, holder)));
      expect(outcomes.filter((outcome) => outcome?.kind === 'reserved')).toHaveLength(1);
    }
  });

  it('keep every reservation when one of them leaves', async () => {
    const scopes = Array.from({ length: shardCount }, (_, i) => `sip:room${i}@chat.localhost`);
    const wish = { kind: 'reserve', value: { nickname: 'Queen', holder: alice, participant: 'p' } } as const;
    for (const scope of scopes) await ask(bus, wish, undefined, scope);
    await services.shift()?.[Symbol.asyncDispose]();
    const rival = { kind: 'reserve', value: { nickname: 'queen', holder: bob, participant: 'p' } } as const;
    for (const scope of scopes) {
      expect(await ask(bus, rival, undefined, scope), scope).toMatchObject({ kind: 'refusal', value: { status: 409 } });
    }
  });
});
