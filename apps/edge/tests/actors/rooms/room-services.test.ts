import { createMemoryBroker, declined } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { createRequest } from '@parley/sip';
import { SimulatedClock } from '@parley/testing';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { RoomServices } from '../../../src/actors/rooms/room-services.ts';
import { EdgeEvents } from '../../../src/events.ts';
import { serveFocus, sipAnswer } from '../../support/fake-services.ts';
import { flowFrom } from '../../support/flow.ts';

const room = 'sip:lobby@chat.localhost';
const bye = createRequest({
  method: 'BYE',
  requestUri: room,
  fields: [
    ['Via', 'SIP/2.0/TCP 127.0.0.1:5555;branch=z9hG4bKbye'],
    ['From', '<sip:alice@localhost>;tag=a'],
    ['To', `<${room}>;tag=b`],
    ['Call-ID', 'call'],
    ['CSeq', '2 BYE'],
  ],
});

function scene(lease: number) {
  const clock = new SimulatedClock();
  const broker = createMemoryBroker({ clock });
  const events = new EdgeEvents(pino({ level: 'silent' }));
  const services = new RoomServices({ instance: 'e1', bus: broker.connect(), clock, events, settings: { lease } });
  const ask = () => services.askFocus({ room, request: bye, identity: '', flow: flowFrom('127.0.0.1') });
  return { clock, broker, ask };
}

describe('A focus that is killed with a request', () => {
  it('is asked again within the time of the client, by the same command id', async () => {
    const { clock, broker, ask } = scene(4_000);
    const asked: focus.FocusCommand[] = [];
    serveFocus(broker.connect(), (command) => {
      asked.push(command);
      if (asked.length === 1) return new Promise(() => {});
      return { outcome: command.command?.kind === 'sip' ? sipAnswer(command.command.value, 200) : undefined };
    });
    const answer = ask();
    await clock.run(2_000);
    expect(await answer).toMatchObject({ kind: 'response', response: { statusCode: 200 } });
    expect(asked.map(({ commandId }) => commandId)).toEqual(Array(2).fill('call 2 BYE a z9hG4bKbye'));
  });

  it('has a successor that is waited for, who comes a lease and the taking over later', async () => {
    const { clock, broker, ask } = scene(9_000);
    let first = true;
    serveFocus(broker.connect(), (command) => {
      if (first) {
        first = false;
        return new Promise(() => {});
      }
      if (clock.now() < 11_000) return declined;
      return { outcome: command.command?.kind === 'sip' ? sipAnswer(command.command.value, 200) : undefined };
    });
    const answer = ask();
    await clock.run(12_000);
    expect(await answer).toMatchObject({ kind: 'response' });
  });

  it('is not waited for until the client has given up, however long a lease is (RFC 4320 §4.2)', async () => {
    const { clock, ask } = scene(600_000);
    const answer = ask();
    await clock.run(30_000);
    expect(await answer).toEqual({ kind: 'nobody' });
  });
});
