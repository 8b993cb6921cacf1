import type { focus } from '@parley/contracts';
import { readRaw } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { serveFocus, serveNotification, sipAnswer } from '../../support/fake-services.ts';
import { Phone } from '../../support/phone.ts';
import { startTestEdge } from '../../support/test-edge.ts';

const room = 'sip:lounge@chat.localhost';
const inDialog = { instead: { To: `<${room}>;tag=guessed` } };

describe('A stranger', () => {
  it('causes no traffic between services: what claims to be of a dialog with a room is challenged, an ACK dropped', async () => {
    await using edge = await startTestEdge();
    const asked: string[] = [];
    const answer = ({ command }: focus.FocusCommand): focus.FocusReply => {
      asked.push(command?.kind ?? '');
      if (command?.kind !== 'sip') throw new Error('expected a request');
      return { outcome: sipAnswer(command.value, 200) };
    };
    serveFocus(edge.bus, answer);
    serveNotification(edge.bus, ({ command }) => {
      asked.push('subscribe');
      if (command?.kind !== 'subscribe' || command.value.sip === undefined) throw new Error('expected a request');
      return { outcome: sipAnswer(command.value.sip, 200) };
    });
    await using stranger = await Phone.tcp(edge.port, 'stranger', 'guess');
    for (const method of ['BYE', 'INVITE', 'UPDATE', 'OPTIONS', 'REFER', 'SUBSCRIBE']) {
      const fields = method === 'SUBSCRIBE' ? ['Event: conference'] : [];
      expect((await stranger.ask(method, room, { ...inDialog, fields })).statusCode).toBe(401);
    }
    stranger.send(stranger.write('ACK', room, inDialog));
    stranger.send(
      stranger.write('ACK', room, { ...inDialog, fields: [`Route: <sip:forged@127.0.0.1:${edge.port};lr>`] }),
    );
    expect((await stranger.ask('OPTIONS', 'sip:localhost')).statusCode).toBe(200);
    expect(asked).toEqual([]);
  });

  it('is no participant who comes the way that was recorded, or over a flow that proved his account', async () => {
    await using edge = await startTestEdge();
    const asked: string[] = [];
    serveFocus(edge.bus, ({ command }) => {
      if (command?.kind !== 'sip') throw new Error('expected a request');
      asked.push(`${Buffer.from(command.value.request).toString('latin1').split(' ', 1)[0]} ${command.value.identity}`);
      return { outcome: sipAnswer(command.value, 200) };
    });
    await using alice = await Phone.tcp(edge.port, 'alice');
    const joined = await alice.request('INVITE', room);
    const route = readRaw(joined, 'Record-Route') ?? '';
    const within = { instead: { To: `<${room}>;tag=focus-tag` } };
    alice.send(alice.write('ACK', room, { ...within, instead: { ...within.instead, CSeq: '2 ACK' } }));
    expect((await alice.ask('UPDATE', room, within)).statusCode).toBe(200);
    await using elsewhere = await Phone.tcp(edge.port, 'alice');
    expect((await elsewhere.ask('BYE', room, { ...within, fields: [`Route: ${route}`] })).statusCode).toBe(200);
    expect(asked).toEqual(['INVITE sip:alice@localhost', 'ACK ', 'UPDATE ', 'BYE ']);
  });
});
