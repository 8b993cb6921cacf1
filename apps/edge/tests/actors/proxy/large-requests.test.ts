import { transportFailure } from '@parley/prelude';
import { createResponseTo } from '@parley/sip';
import type { ClientTransaction, Flow } from '@parley/sip-stack';
import { seededRandom, SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import type { BranchUser } from '../../../src/actors/proxy/branch-user.ts';
import { LargeRequests } from '../../../src/actors/proxy/large-requests.ts';
import { flowFrom } from '../../support/flow.ts';
import { requestWith } from '../../support/messages.ts';

const udp: Flow = { ...flowFrom('192.0.2.7'), protocol: 'UDP', reliable: false };
const tcp = flowFrom('192.0.2.7');
const nobody = {} as ClientTransaction;

function scene(connect: () => Promise<Flow | undefined>) {
  const clock = new SimulatedClock();
  let asked = 0;
  const large = new LargeRequests({
    clock,
    random: seededRandom(1),
    connect: () => {
      asked++;
      return connect();
    },
  });
  const told: (string | number)[] = [];
  const user: BranchUser = {
    sent: () => {},
    onProvisional: ({ statusCode }) => told.push(statusCode),
    onFinal: ({ statusCode }) => told.push(statusCode),
    onTimeout: () => told.push('timeout'),
    onTransportError: () => told.push('transport error'),
    take: ({ statusCode }) => told.push(statusCode),
    lose: (status) => told.push(`lost ${status}`),
  };
  const begun: { readonly over: string; readonly teller: BranchUser }[] = [];
  const send = async (octets = 2_000): Promise<void> => {
    const request = { ...requestWith('MESSAGE sip:bob@192.0.2.7'), body: new Uint8Array(octets) };
    large.send(request, udp, user, ({ protocol }, teller) => begun.push({ over: protocol, teller }));
    await clock.run(1);
  };
  return { clock, large, told, begun, send, asked: () => asked };
}

describe('Requests too large for a datagram (RFC 3261 §18.1.1)', () => {
  it('are those above 1300 octets, our Via included', () => {
    const { large } = scene(() => Promise.resolve(tcp));
    const sized = (octets: number): boolean =>
      large.isLarge({ ...requestWith('MESSAGE sip:bob@192.0.2.7'), body: new Uint8Array(octets) });
    expect([sized(100), sized(1_300)]).toEqual([false, true]);
  });

  it('go by TCP where it is taken', async () => {
    const { begun, send, told } = scene(() => Promise.resolve(tcp));
    await send();
    expect(begun.map(({ over }) => over)).toEqual(['TCP']);
    begun[0]?.teller.onFinal(createResponseTo(requestWith('MESSAGE sip:bob@192.0.2.7'), 200), nobody);
    expect(told).toEqual([200]);
  });

  it('go by UDP where it is refused, and TCP is not tried again for ten minutes', async () => {
    const { begun, send, asked, clock } = scene(() => Promise.resolve(undefined));
    await send();
    await send();
    expect([begun.map(({ over }) => over), asked()]).toEqual([['UDP', 'UDP'], 1]);
    await clock.run(600_001);
    await send();
    expect(asked()).toBe(2);
  });

  it('go by UDP after a second of silence: a device behind a NAT refuses nothing', async () => {
    const { begun, send, clock } = scene(() => new Promise(() => {}));
    await send();
    expect(begun).toEqual([]);
    await clock.run(1_000);
    expect(begun.map(({ over }) => over)).toEqual(['UDP']);
  });

  it('are answered 413 where no datagram holds them and TCP is not taken for a minute: mail behind them would wait for ever', async () => {
    const { begun, send, told, asked, clock } = scene(() => Promise.resolve(undefined));
    await send(65_500);
    await clock.run(59_000);
    await send(65_500);
    expect([told, asked()]).toEqual([['lost 480', 'lost 480'], 2]);
    await clock.run(1_000);
    await send(65_500);
    await send(60_000);
    expect([begun.map(({ over }) => over), told.slice(2), asked()]).toEqual([['UDP'], [413], 2]);
  });

  it('go by TCP as soon as it is taken, where no datagram holds them: a device may just have been starting', async () => {
    let isUp = false;
    const { begun, send, told, clock } = scene(() => Promise.resolve(isUp ? tcp : undefined));
    await send(65_500);
    isUp = true;
    await clock.run(1_000);
    await send(65_500);
    expect([begun.map(({ over }) => over), told]).toEqual([['TCP'], ['lost 480']]);
  });

  it('go by UDP where the connection is reset before an answer, and not after one', async () => {
    const { begun, send, told } = scene(() => Promise.resolve(tcp));
    await send();
    begun[0]?.teller.onTransportError(nobody, transportFailure('reset', true));
    expect([begun.map(({ over }) => over), told]).toEqual([['TCP', 'UDP'], []]);
    const heard = scene(() => Promise.resolve(tcp));
    await heard.send();
    heard.begun[0]?.teller.onProvisional(createResponseTo(requestWith('INVITE sip:bob@192.0.2.7'), 180), nobody);
    heard.begun[0]?.teller.onTransportError(nobody, transportFailure('reset', true));
    expect([heard.begun.length, heard.told]).toEqual([1, [180, 'transport error']]);
  });
});
