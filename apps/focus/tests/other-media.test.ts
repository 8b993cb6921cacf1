import { createMemoryBroker } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { parseSdp, sdpText } from '@parley/sdp';
import { systemClock } from '@parley/service';
import { createResponseTo, field, read, readRaw } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { eventually, testContext } from '@parley/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { offer, request } from './messages.ts';
import { command, sip, startEdge, startSwitch, takesAll } from './peers.ts';

const audio = 'm=audio 40000 RTP/AVP 0\na=rtpmap:0 PCMU/8000';
const video = 'm=video 40002 RTP/AVP 31';

/** What a media server answers that takes audio alone. */
function mixed(asked: SipRequest): SipResponse {
  const lines = sdpText(unwrap(parseSdp(asked.body))).split('\r\n');
  const answered = lines.map((line) =>
    line.replace(/^m=audio [1-9]\d* .*/, 'm=audio 50000 RTP/AVP 0').replace(/^m=video \d+/, 'm=video 0'),
  );
  const body = answered
    .join('\r\n')
    .replace(/^c=.*$/m, 'c=IN IP4 192.0.2.9')
    .replace(/^o=\S+/m, 'o=mixer');
  const fields = [
    ['Contact', `<${asked.requestUri}>`],
    ['Content-Type', 'application/sdp'],
  ] as const;
  return createResponseTo(asked, 200, undefined, { toTag: 'mixer', fields, body: new TextEncoder().encode(body) });
}

/** Takes what it is offered first, and no change. */
const tired = 'mixer@tired';
const isFirst = (asked: SipRequest): boolean => readRaw(asked, 'CSeq') === '1 INVITE';

describe('audio and video in an offer to a chat room (draft-ietf-simple-chat-03 §4, REQ-2)', () => {
  const broker = createMemoryBroker({ clock: systemClock });
  const bus = broker.connect();
  const service = startFocus(testContext('focus', { environment: { PARLEY_LEASE_MS: '60000' } }), broker.connect());
  startSwitch(bus, 'm1');
  const edge = startEdge(bus, 'e1', (asked: SipRequest): SipResponse => {
    if (asked.method !== 'INVITE' || !asked.requestUri.includes('mixer')) return takesAll(asked);
    const isBusy = asked.requestUri.includes('busy') || (asked.requestUri.includes(tired) && !isFirst(asked));
    return isBusy ? createResponseTo(asked, 486) : mixed(asked);
  });
  let rooms = 0;

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await bus.drain();
  });

  async function roomWith(mediaServer: string): Promise<string> {
    const room = `sip:media${++rooms}@chat.localhost`;
    const policy = { members: [], membersPresent: false, mediaServer };
    expect(await command(bus, room, { kind: 'create', value: { policy } })).toMatchObject({ kind: 'room' });
    return room;
  }
  const join = (room: string, lines: string): Promise<SipResponse> =>
    sip(bus, room, request({ room, body: offer({ lines }) }), { identity: 'sip:alice@localhost' });
  const again = (room: string, joined: SipResponse, cSeq: number, lines: string, method = 'INVITE') => {
    const toTag = unwrap(read(joined, field.to))?.tag ?? '';
    return sip(bus, room, request({ room, method, toTag, cSeq, body: method === 'BYE' ? '' : offer({ lines }) }));
  };
  const portsIn = ({ body }: { readonly body: Uint8Array }) =>
    unwrap(parseSdp(body)).media.map(({ media, port }) => `${media} ${port}`);
  const toServer = (room: string) =>
    edge.sent.filter(({ flow, request: one }) => flow === '' && (readRaw(one, 'From') ?? '').includes(room));
  const methodsTo = (room: string) => toServer(room).map(({ request: one }) => readRaw(one, 'CSeq'));

  it('are refused by default with port 0 (RFC 3264 §6)', async () => {
    const room = await roomWith('');
    expect(portsIn(await join(room, `${audio}\n${video}`))).toEqual(['message 2855', 'audio 0', 'video 0']);
    expect(toServer(room)).toEqual([]);
  });

  it('go to the media server that the room names, whose answer stands in ours (RFC 3725 §4)', async () => {
    const room = await roomWith('sip:mixer@192.0.2.9');
    const joined = await join(room, `${audio}\n${video}`);
    expect(portsIn(joined)).toEqual(['message 2855', 'audio 50000', 'video 0']);
    const [, line] = unwrap(parseSdp(joined.body)).media;
    expect(line?.connections).toMatchObject([{ connectionAddress: '192.0.2.9' }]);
    const [invite] = toServer(room);
    expect(invite?.request.requestUri).toBe('sip:mixer@192.0.2.9');
    expect(portsIn(invite!.request)).toEqual(['message 0', 'audio 40000', 'video 40002']);
    expect(readRaw(invite!.request, 'Contact')).toContain(';isfocus');
    await eventually(() => {
      expect(methodsTo(room)).toEqual(['1 INVITE', '1 ACK']);
    });
    expect((await again(room, joined, 2, '', 'BYE')).statusCode).toBe(200);
    await eventually(() => {
      expect(methodsTo(room)).toEqual(['1 INVITE', '1 ACK', '3 BYE']);
    });
  });

  it('change with a re-INVITE, which the server sees only where it concerns it, and end when none are left', async () => {
    const room = await roomWith('sip:mixer@192.0.2.9');
    const joined = await join(room, audio);
    expect(portsIn(await again(room, joined, 2, audio))).toEqual(['message 2855', 'audio 50000']);
    const held = await again(room, joined, 3, `${audio}\na=sendonly`);
    expect(portsIn(held)).toEqual(['message 2855', 'audio 50000']);
    await eventually(() => {
      expect(methodsTo(room)).toEqual(['1 INVITE', '1 ACK', '2 INVITE', '2 ACK']);
    });
    const versions = toServer(room).flatMap(({ request: one }) =>
      one.method === 'INVITE' ? [Number(unwrap(parseSdp(one.body)).origin.sessVersion)] : [],
    );
    expect(versions[1]! - versions[0]!).toBe(1);
    const ended = await again(room, joined, 4, audio.replace('40000', '0'));
    expect(portsIn(ended)).toEqual(['message 2855', 'audio 0']);
    await eventually(() => {
      expect(methodsTo(room).at(-1)).toBe('4 BYE');
    });
  });

  it('are refused when the server refuses, and the messages go on', async () => {
    const room = await roomWith('sip:mixer@busy.example');
    const joined = await join(room, audio);
    expect([joined.statusCode, portsIn(joined)]).toEqual([200, ['message 2855', 'audio 0']]);
    expect((await again(room, joined, 2, '', 'BYE')).statusCode).toBe(200);
    expect(methodsTo(room)).toEqual(['1 INVITE']);
  });

  it('end where the server refuses a change, by a BYE with a number that the server has not seen (RFC 3261 §12.2.2)', async () => {
    const room = await roomWith('sip:mixer@tired.example');
    const joined = await join(room, audio);
    expect(portsIn(joined)).toEqual(['message 2855', 'audio 50000']);
    expect(portsIn(await again(room, joined, 2, `${audio}\na=sendonly`))).toEqual(['message 2855', 'audio 0']);
    await eventually(() => {
      expect(methodsTo(room)).toEqual(['1 INVITE', '1 ACK', '2 INVITE', '3 BYE']);
    });
  });

  /** A request of the server, within the dialog that the focus has with it. */
  const ofServer = (room: string, method: string, { cSeq = 1, body = '', tag = '' } = {}) => {
    const [invite] = toServer(room);
    const [callId = '', from = ''] = ['Call-ID', 'From'].map((name) => readRaw(invite!.request, name));
    const toTag = tag === '' ? (/tag=(\w+)/.exec(from)?.[1] ?? '') : tag;
    const fields = ['Supported: timer', 'Session-Expires: 1800;refresher=uac'];
    return sip(
      bus,
      room,
      request({ room, method, user: 'mixer', fromTag: 'mixer', callId, toTag, cSeq, fields, body }),
    );
  };

  it('are refreshed by the server, which ends what nobody knows (RFC 4028 §7.1, §10)', async () => {
    const room = await roomWith('sip:mixer@192.0.2.9');
    await join(room, audio);
    const [invite] = toServer(room);
    expect(readRaw(invite!.request, 'Session-Expires')).toBe('1800;refresher=uas');
    const answer = new TextDecoder().decode(mixed(invite!.request).body);
    expect((await ofServer(room, 'UPDATE')).statusCode).toBe(200);
    const again = await ofServer(room, 'INVITE', { cSeq: 2, body: answer });
    expect([again.statusCode, portsIn(again)]).toEqual([200, ['message 0', 'audio 40000']]);
    const other = await ofServer(room, 'INVITE', { cSeq: 3, body: answer.replace('50000', '50002') });
    expect(other.statusCode).toBe(488);
    expect((await ofServer(room, 'UPDATE', { tag: 'lost' })).statusCode).toBe(481);
  });

  it('are taken from the participant when the server says goodbye (RFC 3264 §8.2)', async () => {
    const room = await roomWith('sip:mixer@192.0.2.9');
    const joined = await join(room, audio);
    expect((await ofServer(room, 'BYE')).statusCode).toBe(200);
    await eventually(() => {
      const told = edge.sent.filter(({ flow, request: one }) => flow === 'f1' && one.method === 'INVITE');
      const ours = told.filter(({ request: one }) => (readRaw(one, 'From') ?? '').includes(room));
      expect(ours.map(({ request: one }) => portsIn(one))).toEqual([['message 2855', 'audio 0']]);
    });
    expect((await again(room, joined, 2, '', 'BYE')).statusCode).toBe(200);
    expect(methodsTo(room)).toEqual(['1 INVITE', '1 ACK']);
  });

  it('the server of a room is a SIP URI', async () => {
    const policy = { members: [], membersPresent: false, mediaServer: 'http://mixer' };
    const created = await command(bus, 'sip:amiss@chat.localhost', { kind: 'create', value: { policy } });
    expect(created).toMatchObject({ kind: 'refusal', value: { status: 400 } });
  });
});
