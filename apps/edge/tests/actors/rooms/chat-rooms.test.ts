import type { focus, notification } from '@parley/contracts';
import { rpc } from '@parley/contracts';
import { systemClock } from '@parley/service';
import { parseSipMessage, readRaw, readRawAll } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { createRequest, serialise } from '@parley/sip';
import { unwrap } from '@parley/prelude';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requestOf, serveFocus, serveNotification, sipAnswer } from '../../support/fake-services.ts';
import { Phone } from '../../support/phone.ts';
import { memoryBroker, startTestEdge } from '../../support/test-edge.ts';
import type { TestEdge } from '../../support/test-edge.ts';

const room = 'sip:lobby@chat.localhost';
const contact = ['Contact', `<${room}>;isfocus`] as const;

describe('The chat domain', () => {
  let edge: TestEdge;
  const broker = memoryBroker();
  const commands: focus.FocusCommand[] = [];
  let answer: (command: focus.FocusCommand) => focus.FocusReply | Promise<focus.FocusReply>;
  let subscriptions: notification.NotificationCommand[] = [];

  beforeAll(async () => {
    const services = broker.connect();
    serveFocus(services, (command) => {
      commands.push(command);
      return answer(command);
    });
    serveNotification(services, (command) => {
      subscriptions.push(command);
      return { outcome: command.command && sipAnswer(command.command.value.sip!, 200, [['Expires', '600'], contact]) };
    });
    edge = await startTestEdge({ bus: broker.connect() });
  });

  beforeEach(() => {
    commands.length = 0;
    subscriptions = [];
    answer = ({ command }) => ({
      outcome: command?.kind === 'sip' ? sipAnswer(command.value, 200, [contact]) : undefined,
    });
  });

  afterAll(() => edge[Symbol.asyncDispose]());

  async function joined(phone: Phone): Promise<{ response: SipResponse; tagged: string; route: string }> {
    const response = await phone.request('INVITE', room, { fields: [`Contact: ${phone.contact}`] });
    const route = readRaw(response, 'Record-Route') ?? '';
    return { response, tagged: readRaw(response, 'To') ?? '', route };
  }

  it('passes an authenticated INVITE to the focus with our Record-Route on top, and its answer back', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    expect((await alice.ask('INVITE', room)).statusCode).toBe(401);
    const { response, route } = await joined(alice);
    expect(response.statusCode).toBe(200);
    expect(readRaw(response, 'Contact')).toContain('isfocus');
    expect(route).toMatch(new RegExp(`^<sip:[\\w-]+@127.0.0.1:${edge.port};transport=tcp;lr>$`));
    const sip = commands[0]?.command;
    if (sip?.kind !== 'sip') throw new Error('expected a SIP request');
    expect(commands[0]?.room).toBe(room);
    expect(sip.value).toMatchObject({ identity: 'sip:alice@localhost', edgeInstance: 'e1', transport: 'TCP' });
    expect(readRawAll(requestOf(sip.value), 'Record-Route')).toEqual([route]);
    expect(commands[0]?.commandId).toContain(alice.callId);
  });

  it('sends 100 at once (RFC 3261 §17.2.1)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    const challenged = await alice.ask('INVITE', room);
    expect(challenged.statusCode).toBe(401);
    const asked = Promise.withResolvers<undefined>();
    answer = async ({ command }) => {
      await asked.promise;
      return { outcome: command?.kind === 'sip' ? sipAnswer(command.value, 486) : undefined };
    };
    const waiting = alice.request('INVITE', room);
    await eventually(() => {
      expect(commands.length).toBe(1);
    });
    asked.resolve(undefined);
    expect((await waiting).statusCode).toBe(486);
  });

  it('passes requests in the dialog without a challenge, and the ACK without waiting (RFC 3261 §12.2)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const { tagged, route, response } = await joined(alice);
    const cSeq = readRaw(response, 'CSeq')?.split(' ')[0] ?? '';
    alice.send(alice.write('ACK', room, { to: tagged, fields: [`Route: ${route}`], instead: { CSeq: `${cSeq} ACK` } }));
    const bye = await alice.ask('BYE', room, { to: tagged, fields: [`Route: ${route}`] });
    expect(bye.statusCode).toBe(200);
    await eventually(() => {
      const methods = commands.map(({ command }) => (command?.kind === 'sip' ? requestOf(command.value).method : ''));
      expect(methods.toSorted()).toEqual(['ACK', 'BYE', 'INVITE']);
    });
    const last = commands.find(({ command }) => command?.kind === 'sip' && requestOf(command.value).method === 'BYE');
    if (last?.command?.kind !== 'sip') throw new Error('expected a BYE');
    expect(readRawAll(requestOf(last.command.value), 'Route')).toEqual([]);
  });

  it('keeps an ACK that says nothing to itself: the offer stood in the INVITE (RFC 3261 §13.2.1)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const fields = [`Contact: ${alice.contact}`, 'Content-Type: application/sdp'];
    const response = await alice.request('INVITE', room, { fields, body: 'v=0\r\n' });
    const [to, route] = [readRaw(response, 'To') ?? '', readRaw(response, 'Record-Route') ?? ''];
    const cSeq = readRaw(response, 'CSeq')?.split(' ')[0] ?? '';
    alice.send(alice.write('ACK', room, { to, fields: [`Route: ${route}`], instead: { CSeq: `${cSeq} ACK` } }));
    expect((await alice.ask('BYE', room, { to, fields: [`Route: ${route}`] })).statusCode).toBe(200);
    const methods = commands.map(({ command }) => (command?.kind === 'sip' ? requestOf(command.value).method : ''));
    expect(methods).toEqual(['INVITE', 'BYE']);
  });

  it('repeats a 2xx until its ACK (RFC 3261 §13.3.1.4)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const { tagged, response } = await joined(alice);
    expect((await alice.final()).statusCode).toBe(200);
    expect((await alice.final()).statusCode).toBe(200);
    const cSeq = readRaw(response, 'CSeq')?.split(' ')[0] ?? '';
    alice.send(alice.write('ACK', room, { to: tagged, instead: { CSeq: `${cSeq} ACK` } }));
    await eventually(() => {
      expect(commands).toHaveLength(2);
    });
  });

  it('lets the focus answer a re-INVITE that is cancelled: the dialog goes on (RFC 3261 §14.1)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    const { tagged, route } = await joined(alice);
    commands.length = 0;
    const late = Promise.withResolvers<undefined>();
    answer = async ({ command }) => {
      await late.promise;
      return { outcome: command?.kind === 'sip' ? sipAnswer(command.value, 200, [contact]) : undefined };
    };
    const fields = [`Route: ${route}`, `Contact: ${alice.contact}`];
    const invited = alice.ask('INVITE', room, { to: tagged, fields });
    const invite = await eventually(() => {
      const [first] = commands;
      if (first?.command?.kind !== 'sip') throw new Error('not yet');
      return requestOf(first.command.value);
    });
    const via = (readRaw(invite, 'Via') ?? '').replace(/;rport=\d+/, ';rport').replace(/;received=[^;]+/, '');
    const cSeq = readRaw(invite, 'CSeq')?.replace('INVITE', 'CANCEL') ?? '';
    alice.send(alice.write('CANCEL', room, { to: tagged, instead: { Via: via, CSeq: cSeq } }));
    expect((await alice.final()).statusCode).toBe(200);
    late.resolve(undefined);
    expect((await invited).statusCode).toBe(200);
    expect(commands).toHaveLength(1);
  });

  it('answers a CANCEL by itself, and ends by BYE what the focus accepts too late (RFC 3261 §9.2)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    await alice.ask('INVITE', room);
    const late = Promise.withResolvers<undefined>();
    answer = async ({ command }) => {
      if (command?.kind !== 'sip') return { outcome: undefined };
      if (requestOf(command.value).method === 'INVITE') await late.promise;
      return { outcome: sipAnswer(command.value, 200, [contact]) };
    };
    const invited = alice.request('INVITE', room, { fields: [`Contact: ${alice.contact}`] });
    const invite = await eventually(() => {
      const [first] = commands;
      if (first?.command?.kind !== 'sip') throw new Error('not yet');
      return requestOf(first.command.value);
    });
    const via =
      readRaw(invite, 'Via')?.replace(/;rport=\d+|;received=[^;]+/g, (part) =>
        part.startsWith(';rport') ? ';rport' : '',
      ) ?? '';
    const cSeq = readRaw(invite, 'CSeq')?.replace('INVITE', 'CANCEL') ?? '';
    alice.send(alice.write('CANCEL', room, { instead: { Via: via, CSeq: cSeq } }));
    const answers = [await invited, await alice.final()];
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 487]);
    late.resolve(undefined);
    await eventually(() => {
      const bye = commands.at(-1)?.command;
      if (bye?.kind !== 'sip') throw new Error('not yet');
      const request = requestOf(bye.value);
      expect(request.method).toBe('BYE');
      expect(readRaw(request, 'To')).toContain('tag=focus-tag');
    });
  });

  it('refuses MESSAGE with 403 and a Warning, other methods with 405, bodies that no focus reads with 415', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    const message = await alice.message(room);
    expect([message.statusCode, readRaw(message, 'Warning')]).toEqual([403, expect.stringContaining('INVITE')]);
    const published = await alice.ask('PUBLISH', room);
    expect([published.statusCode, readRaw(published, 'Allow')]).toEqual([405, expect.stringContaining('INVITE, ACK')]);
    const body = await alice.ask('INVITE', room, { body: 'x', fields: ['Content-Type: text/plain'] });
    expect([body.statusCode, readRaw(body, 'Accept')]).toEqual([415, expect.stringContaining('application/sdp')]);
    expect(commands).toEqual([]);
  });

  it('hands on a refusal, and answers 503 when nobody serves the room', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    answer = () => ({
      outcome: {
        kind: 'refusal',
        value: { status: 403, phrase: 'Members Only', message: 'ask the owner', retryAfter: 0 },
      },
    });
    const refused = await alice.request('INVITE', room);
    expect([refused.statusCode, refused.reasonPhrase, readRaw(refused, 'Warning')]).toEqual([
      403,
      'Members Only',
      expect.stringContaining('ask the owner'),
    ]);
    answer = () => ({ outcome: undefined });
    const nobody = await alice.request('OPTIONS', room);
    expect([nobody.statusCode, readRaw(nobody, 'Retry-After')]).toEqual([503, '5']);
  });

  it('passes SUBSCRIBE for the conference package to the notification service, 489 for others (RFC 6665 §4.2.1.1)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const fields = ['Event: conference', `Contact: ${alice.contact}`, 'Expires: 600'];
    const subscribed = await alice.request('SUBSCRIBE', room, { fields });
    expect([subscribed.statusCode, readRaw(subscribed, 'Expires')]).toEqual([200, '600']);
    expect(subscriptions[0]).toMatchObject({ callId: alice.callId, command: { value: { room } } });
    const other = await alice.request('SUBSCRIBE', room, { fields: ['Event: presence'] });
    expect([other.statusCode, readRaw(other, 'Allow-Events')]).toEqual([489, 'conference']);
  });

  it('sends the requests of services over the flow that they came by, once for each command id', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const { route } = await joined(alice);
    const first = commands.at(-1)?.command;
    if (first?.kind !== 'sip') throw new Error('expected a SIP request');
    const bye = createRequest({
      method: 'BYE',
      requestUri: `sip:alice@${alice.local}`,
      fields: [
        ['Route', route],
        ['Max-Forwards', '70'],
        ['From', `<${room}>;tag=focus-tag`],
        ['To', '<sip:alice@localhost>;tag=from-alice'],
        ['Call-ID', alice.callId],
        ['CSeq', '1 BYE'],
      ],
    });
    const bus = broker.connect();
    const command = { commandId: 'one', flow: first.value.flow, request: serialise(bye), timeoutMs: 0 };
    const ask = (): ReturnType<typeof bus.request<typeof command, unknown>> =>
      bus.request('edge.e1.egress', rpc.egress, command, { deadline: systemClock.now() + 30_000 });
    const replies = [ask(), ask()];
    const got = await alice.incoming();
    expect([got.method, readRawAll(got, 'Route'), readRawAll(got, 'Via').length]).toEqual(['BYE', [], 1]);
    alice.answer(got, 200);
    for (const reply of replies) {
      const { outcome } = unwrap(await reply) as { outcome: { kind: string; value: Uint8Array } };
      expect(outcome.kind).toBe('response');
      const response = unwrap(parseSipMessage(outcome.value));
      expect(response).toMatchObject({ kind: 'response', statusCode: 200 });
      expect(readRawAll(response, 'Via')).toEqual([]);
    }
    const byToken = bus.request(
      'edge.e1.egress',
      rpc.egress,
      { ...command, commandId: 'two', flow: '' },
      { deadline: systemClock.now() + 30_000 },
    );
    alice.answer(await alice.incoming(), 481);
    expect(unwrap(await byToken).outcome?.kind).toBe('response');
    expect(alice.unread).toBe(0);
  });

  it('does not challenge whom a service has called, as it comes back by our Record-Route (RFC 3261 §12.2)', async () => {
    await using mixer = await Phone.udp(edge.port, 'mixer');
    const invite = createRequest({
      method: 'INVITE',
      requestUri: `sip:mixer@${mixer.local}`,
      fields: [
        ['Max-Forwards', '70'],
        ['From', `<${room}>;tag=focus-tag`],
        ['To', '<sip:mixer@example.net>'],
        ['Call-ID', 'leg'],
        ['CSeq', '1 INVITE'],
        contact,
      ],
    });
    const command = { commandId: 'leg', flow: '', request: serialise(invite), timeoutMs: 0, record: '' };
    const deadline = systemClock.now() + 30_000;
    const reply = broker.connect().request('edge.e1.egress', rpc.egress, command, { deadline });
    const came = await mixer.incoming();
    mixer.answer(came, 486);
    expect(unwrap(await reply).outcome?.kind).toBe('response');
    const to = `<${room}>;tag=focus-tag`;
    expect((await mixer.ask('BYE', room, { to })).statusCode).toBe(401);
    const fields = [`Route: ${readRaw(came, 'Record-Route')}`];
    expect((await mixer.ask('BYE', room, { to, fields })).statusCode).toBe(200);
  });
});
