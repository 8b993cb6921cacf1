import { shardOf } from '@parley/actor';
import type { Bus, Subscription } from '@parley/bus';
import { declined } from '@parley/bus';
import { mergeConferenceInfo, readConferenceInfo } from '@parley/conference-info';
import type { ConferenceInfo } from '@parley/conference-info';
import { focus, instanceSubject, roomEventSubject, rpc, shardSubject } from '@parley/contracts';
import type { common, edge } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { createResponseTo, field, parseSipMessage, read, readRaw, serialise } from '@parley/sip';
import type { RosterParticipant } from '../src/roster/roster.ts';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';

let rooms = 0;
const shards = new Set<number>();

/** A room that shares its shard with no other, so that one peer answers for it. */
export function newRoom(): string {
  const room = `sip:room${++rooms}@chat.localhost`;
  if (shards.has(shardOf(room))) return newRoom();
  shards.add(shardOf(room));
  return room;
}

/** A focus with one room. */
export class FocusPeer {
  readonly uri: string;
  room: focus.Room | undefined;
  /** Who may not look. */
  readonly strangers = new Set<string>();
  /** Commands to show the room; one whose answer was slow comes again. */
  private readonly shows = new Set<string>();
  /** Participants by our tag of their dialogs. */
  readonly dialogs = new Map<string, string>();
  /** NOTIFYs that it was to send in them. */
  readonly notices: focus.NotifyParticipant[] = [];
  private readonly bus: Bus;

  constructor(bus: Bus, uri: string) {
    this.bus = bus;
    this.uri = uri;
    this.room = { uri, version: 1, policy: policy(), participants: [] };
    bus.serve(shardSubject('focus', shardOf(uri)), rpc.focus, ({ commandId, room, command }) => {
      if (room !== uri) return declined;
      if (command?.kind === 'shareDialog') return this.share(command.value);
      if (command?.kind === 'notifyParticipant') return this.notify(command.value);
      if (command?.kind !== 'show') throw new Error('expected ShowRoom');
      this.shows.add(commandId);
      return this.show(command.value);
    });
  }

  /** How often somebody wanted to see the room. */
  get shown(): number {
    return this.shows.size;
  }

  /** The roster changes, and everybody is told. */
  change(change: Partial<focus.RosterChanged>, policyChange: Partial<focus.RoomPolicy> = {}): void {
    if (this.room === undefined) throw new Error('no room');
    const { joined = [], changed = [], left = [], deleted = false } = change;
    const gone = new Set([...left, ...changed.map(({ id }) => id)]);
    const version = this.room.version + 1;
    this.room = deleted
      ? undefined
      : {
          ...this.room,
          version,
          policy: { ...policy(), ...this.room.policy, ...policyChange },
          participants: [...this.room.participants.filter(({ id }) => !gone.has(id)), ...joined, ...changed],
        };
    this.publish({ version, joined, changed, left, deleted });
  }

  publish(change: Omit<focus.RosterChanged, 'room'>): void {
    this.bus.publish(roomEventSubject(this.uri), focus.RosterChanged, { room: this.uri, ...change });
  }

  private share({ sip }: focus.ShareDialog): focus.FocusReply {
    const request = unwrap(parseSipMessage(sip?.request.slice() ?? new Uint8Array()));
    const participant = this.dialogs.get(unwrap(read(request, field.to))?.tag ?? '');
    if (participant === undefined) return refusing(481, 'Call/Transaction Does Not Exist');
    const identity = `sip:${participant}@localhost`;
    return { outcome: { kind: 'shared', value: { participant, identity } } };
  }

  private notify(notice: focus.NotifyParticipant): focus.FocusReply {
    this.notices.push({ ...notice, body: notice.body.slice() });
    const isHere = [...this.dialogs.values()].includes(notice.participant);
    if (!isHere) return refusing(481, 'Call/Transaction Does Not Exist');
    const response = new TextEncoder().encode(answerText);
    return { outcome: { kind: 'sip', value: { response } } };
  }

  private show({ identity, limit = Infinity, after }: focus.ShowRoom): focus.FocusReply {
    if (this.strangers.has(identity)) return refusing(403, 'Forbidden');
    if (this.room === undefined) return refusing(404, 'Not Found');
    const { participants } = this.room;
    const from = participants.findIndex(({ id }) => id === after) + 1;
    const page = participants.slice(from, from + limit);
    const next = from + limit < participants.length ? page.at(-1)?.id : undefined;
    return { outcome: { kind: 'room', value: { ...this.room, participants: page, next } } };
  }
}

/** What a device says to a NOTIFY. */
const answerText = [
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/TCP 127.0.0.1:5555;branch=z9hG4bK1',
  'From: <sip:lobby@chat.localhost>;tag=us',
  'To: <sip:bob@localhost>;tag=them',
  'Call-ID: call',
  'CSeq: 1 NOTIFY',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

function refusing(status: number, phrase: string): focus.FocusReply {
  return { outcome: { kind: 'refusal', value: { status, phrase, message: 'no', retryAfter: 0 } } };
}

function policy(): focus.RoomPolicy {
  return { members: [], membersPresent: true, hideMembers: false, membersOnly: false };
}

export function participant(id: string, more: Partial<RosterParticipant> = {}): RosterParticipant {
  const uri = `sip:${id}@localhost`;
  return {
    id,
    uri,
    nickname: '',
    joinedAt: Date.UTC(2026, 0, 1),
    displayName: '',
    bound: true,
    onHold: false,
    dialedOut: false,
    ...more,
  };
}

/** A NOTIFY as a device got it. */
export interface Notice {
  readonly request: SipRequest;
  readonly state: string;
  readonly cSeq: number;
  /** Undefined without a body. */
  readonly info: ConferenceInfo | undefined;
}

/** An edge whose device answers NOTIFYs as it is told. */
export class EdgePeer {
  readonly notices: Notice[] = [];
  status = 200;
  /** Header fields of its answers. */
  fields: readonly RawField[] = [];
  /** While set, nothing is answered. */
  gate: Promise<unknown> | undefined;
  private readonly served: Subscription;

  constructor(bus: Bus, instance: string) {
    this.served = bus.serve(
      instanceSubject('edge', instance, 'egress'),
      rpc.egress,
      async ({ request, cancel }): Promise<edge.EgressReply> => {
        if (cancel === true) return { outcome: undefined };
        const message = unwrap(parseSipMessage(request.slice()));
        if (message.kind !== 'request') throw new Error('expected a request');
        this.notices.push(noticeOf(message));
        await this.gate;
        return {
          outcome: {
            kind: 'response',
            value: serialise(createResponseTo(message, this.status, undefined, { fields: this.fields })),
          },
        };
      },
    );
  }

  die(): Promise<void> {
    return this.served.stop();
  }

  /** What a subscriber knows who read all that came in its dialog. @throws Error when a document was missed */
  knownTo(callId: string): ConferenceInfo | undefined {
    return this.of(callId).reduce<ConferenceInfo | undefined>((known, { info }) => {
      if (info === undefined) return known;
      const merged = mergeConferenceInfo(known, info);
      if (merged.kind !== 'Updated') throw new Error(`version ${String(info.version)} is ${merged.kind}`);
      return merged.info;
    }, undefined);
  }

  of(callId: string): readonly Notice[] {
    return this.notices.filter(({ request }) => readRaw(request, 'Call-ID') === callId);
  }
}

function noticeOf(request: SipRequest): Notice {
  return {
    request,
    state: readRaw(request, 'Subscription-State') ?? '',
    cSeq: unwrap(read(request, field.cSeq))?.sequence ?? 0,
    info: request.body.length === 0 ? undefined : unwrap(readConferenceInfo(request.body)),
  };
}

/** What a SUBSCRIBE is made of. */
export interface SubscribeShape {
  readonly room?: string;
  readonly user?: string;
  readonly callId: string;
  readonly toTag?: string;
  readonly transport?: 'TCP' | 'UDP';
  readonly cSeq?: number;
  readonly event?: string;
  readonly expires?: number | undefined;
  readonly fields?: readonly string[];
}

export function subscribeText({
  room = 'sip:lobby@chat.localhost',
  user = 'bob',
  callId,
  toTag,
  cSeq = 1,
  event = 'conference',
  expires = 600,
  fields = [],
}: SubscribeShape): string {
  return [
    `SUBSCRIBE ${room} SIP/2.0`,
    `Via: SIP/2.0/TCP 127.0.0.1:5555;branch=z9hG4bK${callId}${cSeq}`,
    'Record-Route: <sip:token@127.0.0.1:5060;transport=tcp;lr>',
    'Max-Forwards: 70',
    `From: <sip:${user}@localhost>;tag=${user}-tag`,
    `To: <${room}>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cSeq} SUBSCRIBE`,
    `Contact: <sip:${user}@127.0.0.1:5555;transport=tcp>`,
    `Event: ${event}`,
    `Expires: ${expires}`,
    ...fields,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

let commands = 0;

/** Hands a SUBSCRIBE over as an edge does. */
export async function subscribe(
  bus: Bus,
  shape: SubscribeShape,
  { commandId = `c${++commands}`, instance = 'e1' } = {},
): Promise<SipResponse> {
  const { room = 'sip:lobby@chat.localhost', user = 'bob', callId, toTag, transport = 'TCP' } = shape;
  const sip: common.SipIngress = {
    request: new TextEncoder().encode(subscribeText(shape)),
    identity: toTag === undefined ? `sip:${user}@localhost` : '',
    edgeInstance: instance,
    flow: 'f1',
    transport,
    sourceAddress: '127.0.0.1',
    sourcePort: 5555,
  };
  const command = { commandId, callId, command: { kind: 'subscribe', value: { room, sip } } } as const;
  const subject = shardSubject('notification', shardOf(callId));
  const deadline = systemClock.now() + 60_000;
  const { outcome } = unwrap(await bus.request(subject, rpc.notification, command, { deadline }));
  if (outcome?.kind !== 'sip') throw new Error(`expected a SIP answer, got ${JSON.stringify(outcome)}`);
  const response = unwrap(parseSipMessage(outcome.value.response.slice()));
  if (response.kind !== 'response') throw new Error('expected a response');
  return response;
}

export function tagOf(response: SipResponse): string {
  return unwrap(read(response, field.to))?.tag ?? '';
}
