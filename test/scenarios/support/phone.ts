import type { SipRequest, SipResponse } from '@parley/sip';
import { conferenceInfoText, mergeConferenceInfo, readConferenceInfo } from '@parley/conference-info';
import type { ConferenceInfo } from '@parley/conference-info';
import { decodeUtf8, encodeUtf8, unwrap } from '@parley/prelude';
import { joinRoom } from '@parley/ua';
import type { ChatMessage, RoomSession } from '@parley/ua';
import { createNodeUserAgent, nodePipes } from '@parley/ua/node';
import type { NodeUserAgent } from '@parley/ua/node';
import { eventually } from '@parley/testing';
import type { Ports } from './installation.ts';

/** A registered user agent and what it was told. */
export interface Phone extends AsyncDisposable {
  readonly agent: NodeUserAgent;
  /** The MESSAGEs that came. */
  readonly messages: readonly SipRequest[];
  /** Their bodies. */
  readonly texts: readonly string[];
  /** Sends text; resolves with the final response. */
  send(to: string, text: string): Promise<SipResponse>;
}

/** How a phone reaches the installation. */
export interface PhoneOptions {
  readonly protocol?: 'UDP' | 'TCP' | 'TLS' | 'WS';
  /** Default true. */
  readonly register?: boolean;
}

/** Switches a phone on. @throws SipFailureError when it cannot register */
export async function startPhone(ports: Ports, name: string, options: PhoneOptions = {}): Promise<Phone> {
  const { protocol = 'TCP', register = true } = options;
  const messages: SipRequest[] = [];
  const agent = await createNodeUserAgent({
    aor: `sip:${name}@localhost`,
    password: 'secret',
    server: { protocol, address: '127.0.0.1', port: portOf(ports, protocol) },
    tls: { verify: false },
    onMessage: (request: SipRequest) => {
      messages.push(request);
      return { status: 200 };
    },
  });
  if (register) await agent.register({ expires: 600 });
  return {
    agent,
    messages,
    get texts() {
      return messages.map(({ body }) => decodeUtf8(body));
    },
    send: (to, text) => agent.sendMessage(to, { contentType: 'text/plain', body: encodeUtf8(text) }),
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

function portOf({ sip, sips, sipWs }: Ports, protocol: 'UDP' | 'TCP' | 'TLS' | 'WS'): number {
  return { UDP: sip, TCP: sip, TLS: sips, WS: sipWs }[protocol];
}

/** Somebody in a room, with all that was said to them. */
export interface Guest extends AsyncDisposable {
  readonly room: RoomSession;
  readonly heard: readonly ChatMessage[];
  /** The roster as all documents so far tell it. */
  readonly roster: string;
  /** Waits until somebody has said this. */
  hears(text: string): Promise<ChatMessage>;
  /** Waits until the roster shows it. */
  sees(pattern: RegExp): Promise<void>;
}

/** Joins a room of the installation. */
export async function enterRoom(phone: Phone, room: string, nickname?: string): Promise<Guest> {
  const uri = `sip:${room}@chat.localhost`;
  const session = await joinRoom(phone.agent, uri, {
    openPipe: nodePipes(),
    roster: false,
  });
  const heard: ChatMessage[] = [];
  session.messages.listen((message) => {
    heard.push(message);
  });
  let info: ConferenceInfo | undefined;
  let roster = '';
  const accept = 'application/conference-info+xml';
  const subscription = await phone.agent.subscribe(uri, { event: 'conference', accept }, (notify) => {
    if (notify.body.length === 0) return;
    const merged = mergeConferenceInfo(info, unwrap(readConferenceInfo(notify.body)));
    if (merged.kind !== 'Updated') throw new Error(`a roster that is ${merged.kind}`);
    ({ info } = merged);
    roster = conferenceInfoText(info);
  });
  if (nickname !== undefined) await session.setNickname(nickname);
  return {
    room: session,
    heard,
    get roster() {
      return roster;
    },
    hears: (text) =>
      eventually(() => {
        const found = heard.find((message) => message.text === text);
        if (found === undefined)
          throw new Error(`expected "${text}" among ${JSON.stringify(heard.map((m) => m.text))}`);
        return found;
      }),
    sees: (pattern) =>
      eventually(() => {
        if (!pattern.test(roster)) throw new Error(`expected ${String(pattern)} in the roster: ${roster}`);
      }),
    [Symbol.asyncDispose]: async () => {
      await subscription.unsubscribe();
      await session.leave();
    },
  };
}
