import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shardOf } from '@parley/actor';
import { createMemoryBroker } from '@parley/bus';
import type { Bus } from '@parley/bus';
import type { focus, msrpSwitch, nickname } from '@parley/contracts';
import { groupSubject, instanceSubject, rpc, shardSubject } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import { unwrap } from '@parley/prelude';
import type { ServiceContext } from '@parley/service';
import { systemClock } from '@parley/service';
import { eventually, testContext } from '@parley/testing';
import type { SwitchLimits } from '../../src/limits.ts';
import type { RunningSwitch } from '../../src/service.ts';
import { startMsrpSwitch } from '../../src/service.ts';
import { Peer } from './peer.ts';

export const room = 'sip:lobby@chat.localhost';
export const uriOf = (name: string): string => `sip:${name}@localhost`;

/** How a switch is set up for a test. */
export interface HouseOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly limits?: SwitchLimits;
  readonly clock?: Clock;
  readonly bus?: () => Bus | Promise<Bus>;
  /** Name of the switch, by default `switch-1`. */
  readonly instance?: string;
  /** Whether there is a focus, as there is by default. */
  readonly hasFocus?: boolean;
  /** Hears of each error that it logs. */
  readonly onError?: (line: string) => void;
}

/** Ports that are free, and a folder for the certificate, which all runs share. */
const freePlaces = {
  PARLEY_MSRP_PORT: '0',
  PARLEY_MSRPS_PORT: '0',
  PARLEY_MSRP_WS_PORT: '0',
  PARLEY_DATA_DIR: join(tmpdir(), 'parley-msrp-switch-tests'),
};

let sessions = 0;

/** A switch with real sockets, and a focus that notes what it is told. */
export class House implements AsyncDisposable {
  readonly told: focus.FocusCommand[] = [];
  readonly context: ServiceContext;
  readonly bus: Bus;
  readonly service: RunningSwitch;
  private readonly peers: Peer[] = [];

  private constructor(context: ServiceContext, bus: Bus, service: RunningSwitch, hasFocus: boolean) {
    this.context = context;
    this.bus = bus;
    this.service = service;
    if (!hasFocus) return;
    bus.serve(shardSubject('focus', shardOf(room)), rpc.focus, (command): focus.FocusReply => {
      this.note(command);
      return { outcome: { kind: 'done', value: {} } };
    });
  }

  /** Sessions that were bound together are noted one by one. */
  private note(said: focus.FocusCommand): void {
    const { command } = said;
    if (command?.kind !== 'participantsBound') this.told.push(said);
    else
      for (const value of command.value.items)
        this.told.push({ ...said, command: { kind: 'participantBound', value } });
  }

  static async open({
    environment,
    limits,
    clock = systemClock,
    bus,
    instance = 'switch-1',
    hasFocus = true,
    onError,
  }: HouseOptions = {}): Promise<House> {
    const context = testContext('msrp-switch', {
      instance,
      environment: { ...freePlaces, ...environment },
      clock,
      ...(onError !== undefined && { onError }),
    });
    const broker = createMemoryBroker({ clock });
    const connect = bus ?? (() => broker.connect());
    const ours = await connect();
    return new House(context, ours, await startMsrpSwitch(context, await connect(), limits), hasFocus);
  }

  /** Serves nicknames: whoever comes first. */
  serveNicknames(): Map<string, string> {
    const held = new Map<string, string>();
    this.bus.serve(shardSubject('nickname', shardOf(room)), rpc.nickname, ({ command }): nickname.NicknameReply => {
      if (command?.kind !== 'reserve') throw new Error('expected a reservation');
      const { nickname: wanted, holder } = command.value;
      if (wanted !== '' && (held.get(wanted) ?? holder) !== holder) {
        return { outcome: { kind: 'refusal', value: { status: 409, phrase: 'Taken', message: '', retryAfter: 0 } } };
      }
      for (const [name, owner] of held) if (owner === holder) held.delete(name);
      if (wanted !== '') held.set(wanted, holder);
      return { outcome: { kind: 'reserved', value: { nickname: wanted, previous: '' } } };
    });
    return held;
  }

  async command(
    command: msrpSwitch.SwitchCommandCommand | undefined,
    { commandId = `c${++sessions}`, anyInstance = false } = {},
  ): Promise<msrpSwitch.SwitchReplyOutcome | undefined> {
    const subject = anyInstance
      ? groupSubject('msrp-switch', 'sessions')
      : instanceSubject('msrp-switch', this.context.instance, 'sessions');
    const deadline = this.context.clock.now() + 30_000;
    return unwrap(await this.bus.request(subject, rpc.sessions, { commandId, room, command }, { deadline })).outcome;
  }

  /** What the focus says to open a session. */
  openCommand(name: string, more: Partial<msrpSwitch.OpenSession> = {}): msrpSwitch.OpenSession {
    const fromPath = more.peerPath?.[0] ?? `msrp://${name}.example.com:7654/s${++sessions};tcp`;
    return openSession(name, fromPath, more);
  }

  /** Has the focus open a session. */
  async offer(name: string, more: Partial<msrpSwitch.OpenSession> = {}): Promise<Offer> {
    const value = this.openCommand(name, more);
    const outcome = await this.command({ kind: 'open', value });
    if (outcome?.kind !== 'opened') throw new Error(`refused: ${JSON.stringify(outcome)}`);
    return { toPath: outcome.value.path[0] ?? '', fromPath: value.peerPath[0] ?? '', session: outcome.value.session };
  }

  async connect({ toPath, fromPath }: Offer): Promise<Peer> {
    return this.adopt(await Peer.connect(toPath, fromPath));
  }

  /** Takes a peer along at the end. */
  adopt(peer: Peer): Peer {
    this.peers.push(peer);
    return peer;
  }

  /** Somebody with a session that is bound. */
  async join(name: string, more: Partial<msrpSwitch.OpenSession> = {}): Promise<Peer & { session: string }> {
    const offer = await this.offer(name, more);
    const peer = await this.connect(offer);
    await peer.bind();
    return Object.assign(peer, { session: offer.session });
  }

  /** Waits until the focus has been told. */
  async hasTold(kind: string, participant: string): Promise<focus.FocusCommand> {
    return await eventually(() => {
      const found = this.told.find(
        ({ command }) =>
          command?.kind === kind && 'participant' in command.value && command.value.participant === participant,
      );
      if (found === undefined) throw new Error(`not told: ${kind} of ${participant}`);
      return found;
    });
  }

  async metric(line: string): Promise<string | undefined> {
    const text = await this.context.metrics.text();
    return text.split('\n').find((one) => one.startsWith(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.peers) peer.socket.destroy();
    await this.service[Symbol.asyncDispose]();
    await this.bus.drain();
  }
}

/** What the focus gave a participant. */
export interface Offer {
  readonly toPath: string;
  readonly fromPath: string;
  readonly session: string;
}

export const openPolicy: msrpSwitch.HubPolicy = {
  nicknames: true,
  nicknameScope: 'room',
  privateMessages: true,
  maxSize: 0,
  moderated: false,
  welcome: '',
  history: 0,
};

function openSession(name: string, fromPath: string, more: Partial<msrpSwitch.OpenSession>): msrpSwitch.OpenSession {
  return {
    participant: name,
    identity: uriOf(name),
    uris: [uriOf(name)],
    peerPath: [fromPath],
    setup: 'passive',
    acceptTypes: ['message/cpim'],
    acceptWrappedTypes: ['*'],
    peerMaxSize: 0,
    privateMessages: true,
    nicknames: true,
    scheme: 'msrp',
    transport: 'tcp',
    hub: openPolicy,
    nickname: '',
    ...more,
  };
}
