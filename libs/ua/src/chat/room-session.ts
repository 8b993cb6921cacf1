import { encodeUtf8 } from '@parley/prelude';
import type { Cancel, ParseError } from '@parley/prelude';
import { readConferenceInfo } from '@parley/conference-info';
import type { SipRequest } from '@parley/sip';
import { Notifier } from '../notifier.ts';
import type { OpenPipe } from '../msrp/byte-pipe.ts';
import { defaultMaxSize } from '../msrp/endpoint.ts';
import type { ReceivedMessage } from '../msrp/endpoint.ts';
import { MsrpFailureError } from '../msrp/msrp-failure.ts';
import { MsrpSession } from '../msrp/session.ts';
import type { MessageReport } from '../msrp/session.ts';
import type { Call } from '../sip/call.ts';
import type { Reply } from '../sip/options.ts';
import type { Subscription } from '../sip/subscription.ts';
import type { UserAgent } from '../user-agent.ts';
import { cpimType, unwrapChatMessage, wrapChatMessage } from './chat-message.ts';
import type { ChatDraft, ChatMessage } from './chat-message.ts';
import { localPathOf, roomMediaOf, roomOffer } from './room-offer.ts';
import type { MediaTransport, RoomMedia, RoomOffer } from './room-offer.ts';
import { applyConferenceInfo, emptyRoster } from './roster.ts';
import type { Roster } from './roster.ts';

/** How to join. */
export interface JoinOptions {
  readonly openPipe: OpenPipe;
  /** Default `tcp`. */
  readonly transport?: MediaTransport;
  /** Address of ours in the offer; default that of the SIP flow. */
  readonly host?: string;
  /** Asked for as soon as the room is joined; one that is refused leaves us in the room, and rejects. */
  readonly nickname?: string;
  readonly displayName?: string;
  /** URI to be known by in the room; default the address-of-record. */
  readonly as?: string;
  /** Octets of the largest message taken; default 10 MiB. */
  readonly maxSize?: number;
  /** Whether the application acts on messages that replace or recall others, by their CPIM headers; default false. */
  readonly amendments?: boolean;
  /** Whether to subscribe to the roster; default true. */
  readonly roster?: boolean;
  /** Called before anything comes from the room: who listens from here on misses nothing, not even a word of welcome. */
  readonly prepare?: (room: RoomSession) => void;
}

/** A message of ours, beyond its text. */
export interface SendOptions {
  readonly contentType?: string;
  /** Recipient of a private message; default the room. */
  readonly to?: string;
  readonly notification?: ChatDraft['notification'];
  /** Asks the switch, or the recipient of a private message, for a REPORT. @spec RFC 4975 §7.1.3 */
  readonly successReport?: 'yes';
}

/** Our presence in a chat room. @spec RFC 7701, draft-ietf-simple-chat-03 */
export class RoomSession {
  readonly messages = new Notifier<ChatMessage>();
  /** Messages that could not be read; they were answered 200 all the same, for the switch is not to blame. */
  readonly unreadable = new Notifier<ParseError>();
  readonly reports = new Notifier<MessageReport>();
  readonly rosterChanged = new Notifier<Roster>();
  /** Tells once why we are not in the room any more. */
  readonly ended = new Notifier<string>();
  readonly uri: string;
  readonly #agent: UserAgent;
  readonly #options: JoinOptions;
  readonly #offer: RoomOffer;
  readonly #call: Call;
  #media: RoomMedia;
  #session: MsrpSession | undefined;
  #subscription: Subscription | undefined;
  #roster = emptyRoster;
  #versions = 1;
  #forget: readonly Cancel[] = [];
  #over = false;

  private constructor(
    agent: UserAgent,
    uri: string,
    options: JoinOptions,
    offer: RoomOffer,
    call: Call,
    media: RoomMedia,
  ) {
    this.uri = uri;
    this.#agent = agent;
    this.#options = options;
    this.#offer = offer;
    this.#call = call;
    this.#media = media;
    call.onReinvite = (request) => this.#moveMedia(request);
    call.ended.listen((by) => {
      this.#end(by === 'local' ? 'left' : `ended by the room (${by})`);
    });
  }

  /** Joins: INVITE, MSRP connection and its binding, nickname, roster. */
  static async join(agent: UserAgent, uri: string, options: JoinOptions): Promise<RoomSession> {
    const offer = offerOf(agent, options);
    const call = await agent.invite(uri, { contentType: 'application/sdp', body: roomOffer(offer) });
    try {
      const media = roomMediaOf(call.remoteBody);
      if (!media.ok) throw new Error(`the room's description cannot be used: ${media.error.message}`);
      const room = new RoomSession(agent, uri, options, offer, call, media.value);
      options.prepare?.(room);
      await room.#connect();
      if (options.nickname !== undefined) await room.setNickname(options.nickname);
      if (options.roster !== false) await room.#watch();
      return room;
    } catch (error) {
      await call.bye();
      throw error;
    }
  }

  /** What the room allows. */
  get allows(): Pick<RoomMedia, 'nicknames' | 'privateMessages' | 'maxSize'> {
    return this.#media;
  }

  get roster(): Roster {
    return this.#roster;
  }

  /** Says something to all; resolves when the switch has it. @throws MsrpFailureError with the code of the switch */
  say(text: string, options: Omit<SendOptions, 'to'> = {}): Promise<void> {
    return this.send(encodeUtf8(text), options);
  }

  /** Says something to one participant. @throws MsrpFailureError e.g. 404, 427 or 428 @spec RFC 7701 §6.2 */
  sayTo(uri: string, text: string, options: Omit<SendOptions, 'to'> = {}): Promise<void> {
    return this.send(encodeUtf8(text), { ...options, to: uri });
  }

  /** Sends any content. @throws MsrpFailureError with the code of the switch */
  async send(body: Uint8Array, options: SendOptions = {}): Promise<void> {
    const { contentType = 'text/plain;charset=UTF-8', to = this.uri, notification, successReport } = options;
    const { displayName = this.#agent.options.displayName, as = this.#agent.options.aor } = this.#options;
    const wrapped = wrapChatMessage({
      from: displayName === undefined ? { uri: as } : { uri: as, formalName: displayName },
      to: { uri: to },
      wallTime: this.#agent.core.clock.wallTime(),
      contentType,
      body,
      ...(notification === undefined ? {} : { notification }),
    });
    await this.#open.send({
      contentType: cpimType,
      body: wrapped,
      ...(successReport === undefined ? {} : { successReport }),
    });
  }

  /** Takes a nickname, or gives it back when empty. @throws MsrpFailureError e.g. 423 or 425 @spec RFC 7701 §7 */
  async setNickname(nickname: string): Promise<void> {
    await this.#open.setNickname(nickname);
  }

  /** Leaves the room. */
  async leave(): Promise<void> {
    await this.#subscription?.unsubscribe();
    await this.#call.bye();
  }

  get #open(): MsrpSession {
    const why = this.#over ? 'not in the room any more' : 'the connection is gone';
    if (this.#session === undefined) throw new MsrpFailureError(408, why);
    return this.#session;
  }

  async #connect(): Promise<void> {
    const { core } = this.#agent;
    const options = {
      localPath: localPathOf(this.#offer),
      remotePath: this.#media.path,
      random: core.random,
      maxSize: this.#offer.maxSize,
    };
    // Messages may come with the answer to the binding, so somebody has to listen before it.
    const session = await MsrpSession.open(options, core.clock, this.#options.openPipe, (opened) => {
      this.#forget = [
        opened.received.listen((message) => {
          this.#receive(message);
        }),
        opened.reported.listen((report) => {
          this.reports.tell(report);
        }),
        opened.closed.listen(() => {
          this.#onConnectionLost(opened);
        }),
      ];
    });
    this.#session = session;
  }

  /** Another switch takes the room over, or this one asks for a new connection. @spec RFC 6135 §4.2, RFC 3264 §8 */
  #moveMedia(request: SipRequest): Reply {
    const media = request.body.length === 0 ? undefined : roomMediaOf(request.body);
    if (media?.ok === false) return { status: 488 };
    this.#versions++;
    if (media !== undefined) {
      const before = this.#session;
      for (const forget of this.#forget) forget();
      this.#media = media.value;
      before?.close();
      void this.#connect().catch(() => this.leave());
    }
    return {
      status: 200,
      fields: [['Content-Type', 'application/sdp']],
      body: roomOffer({ ...this.#offer, sdpVersion: String(this.#versions) }),
    };
  }

  #onConnectionLost(session: MsrpSession): void {
    if (session !== this.#session || this.#over) return;
    this.#session = undefined;
    this.#connect().catch(() => this.leave());
  }

  #receive(message: ReceivedMessage): void {
    const chat = unwrapChatMessage(message.body);
    if (chat.ok) this.messages.tell(chat.value);
    else this.unreadable.tell(chat.error);
  }

  async #watch(): Promise<void> {
    const accept = 'application/conference-info+xml';
    this.#subscription = await this.#agent.subscribe(this.uri, { event: 'conference', accept }, (notify) => {
      this.#onNotify(notify);
    });
  }

  #onNotify(notify: SipRequest): void {
    if (notify.body.length === 0) return;
    const info = readConferenceInfo(notify.body);
    if (!info.ok) return;
    this.#roster = applyConferenceInfo(this.#roster, info.value);
    this.rosterChanged.tell(this.#roster);
    // A refresh brings a full document.
    if (this.#roster.stale) void this.#subscription?.refresh();
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    for (const forget of this.#forget) forget();
    this.#session?.close();
    this.#session = undefined;
    void this.#subscription?.unsubscribe();
    this.ended.tell(reason);
  }
}

function offerOf(agent: UserAgent, options: JoinOptions): RoomOffer {
  const { transport = 'tcp', host, maxSize = defaultMaxSize, amendments = false } = options;
  const { core } = agent;
  return {
    transport,
    host: host ?? (core.flow.local.address || 'client.invalid'),
    sessionId: core.token(),
    sdpId: String(Math.floor(core.clock.wallTime())),
    sdpVersion: '1',
    maxSize,
    amendments,
  };
}

/** Joins a chat room. @throws SipFailureError when the room refuses, MsrpFailureError when its switch does */
export function joinRoom(agent: UserAgent, uri: string, options: JoinOptions): Promise<RoomSession> {
  return RoomSession.join(agent, uri, options);
}
