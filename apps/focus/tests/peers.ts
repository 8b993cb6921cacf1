import { shardOf } from '@parley/actor';
import type { Bus, Subscription } from '@parley/bus';
import { declined } from '@parley/bus';
import {
  focus,
  groupQueue,
  groupSubject,
  instanceSubject,
  roomEventSubject,
  rpc,
  shardSubject,
} from '@parley/contracts';
import type { common, edge, msrpSwitch, nickname } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { createResponseTo, parseSipMessage, serialise } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { offer } from './messages.ts';

/** A switch that gives a path to whoever asks and remembers what it was told. */
export interface SwitchPeer {
  readonly told: msrpSwitch.SwitchCommand[];
  of<K extends msrpSwitch.SwitchCommandCommand['kind']>(
    kind: K,
  ): readonly Extract<msrpSwitch.SwitchCommandCommand, { kind: K }>['value'][];
  /** Refuses further sessions as one that is full does. */
  fill(): void;
  die(): Promise<void>;
}

/** @param gate - awaited before anything is answered */
export function startSwitch(bus: Bus, instance: string, refusal?: common.Refusal, gate?: Promise<unknown>): SwitchPeer {
  const told: msrpSwitch.SwitchCommand[] = [];
  let why = refusal;
  const handle = async (command: msrpSwitch.SwitchCommand): Promise<msrpSwitch.SwitchReply> => {
    told.push(command);
    await gate;
    if (command.command?.kind !== 'open') return { outcome: { kind: 'done', value: {} } };
    if (why) return { outcome: { kind: 'refusal', value: why } };
    const session = `s-${command.command.value.participant}`;
    const path = [`msrp://127.0.0.1:2855/${session};tcp`];
    return { outcome: { kind: 'opened', value: { session, instance, path, port: 2855, address: '127.0.0.1' } } };
  };
  const handleAny = (command: msrpSwitch.SwitchCommand): Promise<msrpSwitch.SwitchReply> | typeof declined =>
    why?.status === 503 ? declined : handle(command);
  const served: Subscription[] = [
    bus.serve(groupSubject('msrp-switch', 'sessions'), rpc.sessions, handleAny, { queue: groupQueue('msrp-switch') }),
    bus.serve(instanceSubject('msrp-switch', instance, 'sessions'), rpc.sessions, handle),
  ];
  return {
    told,
    of: (kind) => told.flatMap(({ command }) => (command?.kind === kind ? [command.value as never] : [])),
    fill: () => {
      why = { status: 503, phrase: 'Full', message: '', retryAfter: 10 };
    },
    die: async () => {
      await Promise.all(served.map((one) => one.stop()));
    },
  };
}

/** An edge whose devices answer every request with 200, or as they are told. */
export interface EdgePeer {
  readonly sent: { readonly flow: string; readonly request: SipRequest }[];
  die(): Promise<void>;
}

export function startEdge(bus: Bus, instance: string, answer = takesAll): EdgePeer {
  const sent: EdgePeer['sent'] = [];
  const served = bus.serve(instanceSubject('edge', instance, 'egress'), rpc.egress, (command): edge.EgressReply => {
    const { flow, request, cancel } = command;
    if (cancel === true) return { outcome: undefined };
    const message = unwrap(parseSipMessage(request.slice()));
    if (message.kind !== 'request') throw new Error('expected a request');
    sent.push({ flow, request: message });
    return { outcome: { kind: 'response', value: serialise(answer(message)) } };
  });
  return { sent, die: () => served.stop() };
}

/** What a device says that takes every offer. */
export function takesAll(request: SipRequest): SipResponse {
  if (request.method !== 'INVITE') return createResponseTo(request, 200);
  return createResponseTo(request, 200, undefined, {
    toTag: 'device',
    fields: [
      ['Contact', '<sip:device@127.0.0.1:5555;transport=tcp>'],
      ['Content-Type', 'application/sdp'],
    ],
    body: new TextEncoder().encode(offer()),
  });
}

/** Edges that know where the devices of one account are. */
export function startAccounts(bus: Bus, name: string, devices: readonly string[]): Subscription {
  const way = { edgeInstance: 'e1', path: [], record: 'token' };
  const bindings = devices.map((device) => ({
    contact: `<sip:${name}@${device}:5555;transport=tcp>`,
    instance: '',
    expiresAt: 0,
    transport: 'TCP',
    way: { ...way, flow: device },
  }));
  return bus.serve(groupSubject('edge', 'accounts'), rpc.accounts, (): edge.AccountReply => {
    return { outcome: { kind: 'account', value: { name, displayName: '', tel: '', bindings } } };
  });
}

/** A nickname service for the shard of one scope. */
export function startNicknames(bus: Bus, scope: string, taken: readonly string[] = []): nickname.NicknameCommand[] {
  const told: nickname.NicknameCommand[] = [];
  bus.serve(shardSubject('nickname', shardOf(scope)), rpc.nickname, (command): nickname.NicknameReply => {
    told.push(command);
    const wanted = command.command?.kind === 'reserve' ? command.command.value.nickname : '';
    const value = { status: 409, phrase: 'Nickname Taken', message: '', retryAfter: 0 };
    return taken.includes(wanted) ? { outcome: { kind: 'refusal', value } } : { outcome: { kind: 'done', value: {} } };
  });
  return told;
}

/** Hears the news of a room's roster. */
export function hearRoster(bus: Bus, room: string): focus.RosterChanged[] {
  const heard: focus.RosterChanged[] = [];
  bus.subscribe(roomEventSubject(room), focus.RosterChanged, (news) => {
    heard.push(news);
  });
  return heard;
}

let commands = 0;

/** Gives a room a command, as edges, switches and the console do. */
export async function command(
  bus: Bus,
  room: string,
  value: NonNullable<focus.FocusCommand['command']>,
  commandId = `c${++commands}`,
  clock: Clock = systemClock,
): Promise<focus.FocusReply['outcome']> {
  const subject = shardSubject('focus', shardOf(room));
  const deadline = clock.now() + 10_000;
  return unwrap(await bus.request(subject, rpc.focus, { commandId, room, command: value }, { deadline })).outcome;
}

interface SipOptions {
  readonly identity?: string;
  readonly commandId?: string;
  readonly edgeInstance?: string;
  readonly flow?: string;
  readonly clock?: Clock;
}

/** Hands a SIP request over as an edge does. */
export async function sip(
  bus: Bus,
  room: string,
  text: string,
  { identity = '', commandId, edgeInstance = 'e1', flow = 'f1', clock = systemClock }: SipOptions = {},
): Promise<SipResponse> {
  const request = new TextEncoder().encode(text);
  const ingress: common.SipIngress = {
    request,
    identity,
    edgeInstance,
    flow,
    transport: 'TCP',
    sourceAddress: '127.0.0.1',
    sourcePort: 5555,
  };
  const outcome = await command(bus, room, { kind: 'sip', value: ingress }, commandId, clock);
  if (outcome?.kind !== 'sip') throw new Error(`expected a SIP answer, got ${JSON.stringify(outcome)}`);
  const response = unwrap(parseSipMessage(outcome.value.response.slice()));
  if (response.kind !== 'response') throw new Error('expected a response');
  return response;
}
