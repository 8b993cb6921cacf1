import { createMemoryBroker } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { createRequest } from '@parley/sip';
import { SimulatedClock } from '@parley/testing';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { RoomServices } from '../../src/actors/room-services.ts';
import { EdgeEvents } from '../../src/events.ts';
import { serveFocus, sipAnswer } from '../support/fake-services.ts';
import { flowFrom } from '../support/flow.ts';

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

describe('A focus that is killed with a request', () => {
  it('is asked again within the time of the client, by the same command id', async () => {
    const clock = new SimulatedClock();
    const broker = createMemoryBroker({ clock });
    const events = new EdgeEvents(pino({ level: 'silent' }));
    const services = new RoomServices({ instance: 'e1', bus: broker.connect(), clock, events });
    const asked: focus.FocusCommand[] = [];
    serveFocus(broker.connect(), (command) => {
      asked.push(command);
      if (asked.length === 1) return new Promise(() => {});
      return { outcome: command.command?.kind === 'sip' ? sipAnswer(command.command.value, 200) : undefined };
    });
    const answer = services.askFocus({ room, request: bye, identity: '', flow: flowFrom('127.0.0.1') });
    await clock.run(2_000);
    expect(await answer).toMatchObject({ kind: 'response', response: { statusCode: 200 } });
    expect(asked.map(({ commandId }) => commandId)).toEqual(Array(2).fill('call 2 BYE a z9hG4bKbye'));
  });
});
