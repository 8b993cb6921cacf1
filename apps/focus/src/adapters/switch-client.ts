import type { Bus, BusFailure } from '@parley/bus';
import type { msrpSwitch } from '@parley/contracts';
import { groupSubject, instanceSubject, rpc } from '@parley/contracts';
import { serialiseMediaRange } from '@parley/mime';
import type { Clock, Random, Refusal, Result } from '@parley/prelude';
import { err, ok, randomToken, refusal } from '@parley/prelude';
import { answerSetup } from '@parley/sdp';
import { knowsNicknames, schemeOf, takesPrivateMessages, transportOf } from '../media/offered-stream.ts';
import type { OpenedSession } from '../media/session-answer.ts';
import type { PlannedJoin } from '../room/join.ts';
import type { RoomPolicy } from '../room/policy.ts';
import type { RoomUri } from '../room/room-uri.ts';

/** Milliseconds that a switch has for an answer: two of them, and a probe in between, fit into the 8 s of an edge. */
const patience = 3000;

/** Milliseconds that a living switch never needs to say so. */
const probePatience = 1000;

/** How a switch answered a probe. */
export type Pulse = 'alive' | 'silent' | 'gone' | 'unknown';

/** Asks MSRP switches for sessions, and tells them what happens to their rooms. */
export class SwitchClient {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly publicHost: string;

  constructor(bus: Bus, clock: Clock, random: Random, publicHost: string) {
    this.bus = bus;
    this.clock = clock;
    this.random = random;
    this.publicHost = publicHost;
  }

  /**
   * Opens a session for a join.
   *
   * @param instance - the switch that holds the room already; undefined: any
   * @returns a failure of the bus when nobody answers, a refusal when the switch says no
   */
  async open(
    room: RoomUri,
    join: PlannedJoin,
    instance: string | undefined,
  ): Promise<Result<OpenedSession, BusFailure | Refusal>> {
    const subject =
      instance === undefined
        ? groupSubject('msrp-switch', 'sessions')
        : instanceSubject('msrp-switch', instance, 'sessions');
    const command = { commandId: join.participant, room, command: { kind: 'open', value: openSession(join) } } as const;
    const deadline = this.clock.now() + patience;
    const reply = await this.bus.request(subject, rpc.sessions, command, { deadline });
    if (!reply.ok) return err(await this.diagnose(reply.error, instance));
    const { outcome } = reply.value;
    if (outcome?.kind === 'refusal') return err({ kind: 'Refusal', ...outcome.value });
    if (outcome?.kind !== 'opened') return err(refusal(500, 'Server Internal Error', 'the switch answered amiss'));
    const { session, instance: switchInstance, path, port, address } = outcome.value;
    return ok({ switchInstance, session, path, port, address: address === '' ? this.publicHost : address });
  }

  /** What a switch that did not answer in time is to be taken for: with another second of silence, for dead. */
  private async diagnose(failure: BusFailure, instance: string | undefined): Promise<BusFailure> {
    if (instance === undefined || failure.reason !== 'timeout') return failure;
    const pulse = await this.probe(instance);
    return pulse === 'alive' || pulse === 'unknown' ? failure : { ...failure, reason: 'no-responder' };
  }

  /** Whether a switch lives; commands without content mean nothing to it but are answered. */
  async probe(instance: string): Promise<Pulse> {
    const subject = instanceSubject('msrp-switch', instance, 'sessions');
    const command = { commandId: randomToken(this.random, 16), room: '', command: undefined };
    const deadline = this.clock.now() + probePatience;
    const reply = await this.bus.request(subject, rpc.sessions, command, { deadline });
    if (reply.ok) return 'alive';
    switch (reply.error.reason) {
      case 'no-responder':
        return 'gone';
      case 'timeout':
        return 'silent';
      case 'disconnected':
      case 'closed':
        return 'unknown';
      default:
        return 'alive';
    }
  }

  closeSession(instance: string, room: string, session: string, reason: string): Promise<void> {
    return this.tell(instance, room, { kind: 'close', value: { session, reason } });
  }

  updateHub(instance: string, room: string, policy: RoomPolicy): Promise<void> {
    return this.tell(instance, room, { kind: 'updateHub', value: { hub: policy } });
  }

  closeHub(instance: string, room: string, reason: string): Promise<void> {
    return this.tell(instance, room, { kind: 'closeHub', value: { reason } });
  }

  announce(instance: string, room: string, text: string): Promise<void> {
    return this.tell(instance, room, { kind: 'announce', value: { text } });
  }

  /** What becomes of it is the switch's affair: one that is gone has nothing to close. */
  private async tell(instance: string, room: string, command: msrpSwitch.SwitchCommandCommand): Promise<void> {
    const subject = instanceSubject('msrp-switch', instance, 'sessions');
    const message = { commandId: randomToken(this.random, 16), room, command };
    await this.bus.request(subject, rpc.sessions, message, { deadline: this.clock.now() + patience });
  }
}

function openSession({
  participant,
  invitation,
  appearance,
  stream,
  nickname,
  policy,
}: PlannedJoin): msrpSwitch.OpenSession {
  const { msrp } = stream;
  return {
    participant,
    identity: invitation.identity,
    uris: appearance.uris,
    peerPath: msrp.path,
    setup: answerSetup(msrp.setup),
    acceptTypes: msrp.acceptTypes.map((range) => serialiseMediaRange(range)),
    acceptWrappedTypes: msrp.acceptWrappedTypes.map((range) => serialiseMediaRange(range)),
    peerMaxSize: msrp.maxSize ?? 0,
    privateMessages: takesPrivateMessages(stream),
    nicknames: knowsNicknames(stream),
    scheme: schemeOf(stream),
    transport: transportOf(stream),
    hub: policy,
    nickname,
  };
}
