import type { Bus, BusFailure } from '@parley/bus';
import type { msrpSwitch } from '@parley/contracts';
import { groupSubject, instanceSubject, rpc } from '@parley/contracts';
import { serialiseMediaRange } from '@parley/mime';
import type { Clock, Random, Refusal, Result } from '@parley/prelude';
import { err, ok, randomToken, refusal } from '@parley/prelude';
import { answerSetup } from '@parley/sdp';
import type { MsrpMedia } from '@parley/sdp';
import { isPaused, knowsNicknames, takesAmendments, takesPrivateMessages } from '../media/offer.ts';
import type { OpenedSession, OpenedSessions } from '../media/opened-session.ts';
import type { SessionWish } from '../media/session-wish.ts';
import type { RoomPolicy } from '../room/policy.ts';
import type { RoomUri } from '../room/room-uri.ts';

/** Milliseconds that a switch has for an answer: two of them, and a probe in between, fit into the 8 s of an edge. */
const patience = 3000;

/** Milliseconds that a living switch never needs to say so. */
const probePatience = 1000;

/** Milliseconds for forgetting the history of a room: it may be long, and a switch has to be there. */
const forgetting = 30_000;

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
   * Opens the sessions of a participant at one switch: the first one decides, further ones that fail are left out.
   *
   * @param near - the switches that hold sessions of the room, the first one first; where all are full, any other
   * @returns a failure of the bus when the first does not answer, a refusal when no switch says yes
   */
  async openAll(
    room: RoomUri,
    [first, ...others]: readonly SessionWish[],
    near: readonly string[],
  ): Promise<Result<OpenedSessions, BusFailure | Refusal>> {
    if (first === undefined) return ok(new Map());
    const opened = await this.openNear(room, first, near);
    if (!opened.ok) return opened;
    const { switchInstance } = opened.value;
    const rest = others.map(async (wish) => [wish.index, await this.open(room, wish, switchInstance, near)] as const);
    const sessions = new Map([[first.index, opened.value]]);
    for (const [index, session] of await Promise.all(rest)) if (session.ok) sessions.set(index, session.value);
    return ok(sessions);
  }

  /** Opens a session near the others of the room, and elsewhere only when the switches that hold those are full. */
  private async openNear(
    room: RoomUri,
    wish: SessionWish,
    near: readonly string[],
  ): Promise<Result<OpenedSession, BusFailure | Refusal>> {
    const [first, ...others] = near;
    const opened = await this.open(room, wish, first, near);
    if (first === undefined || opened.ok || !isFull(opened.error)) return opened;
    for (const instance of [...others, undefined]) {
      const elsewhere = await this.open(room, wish, instance, near);
      if (elsewhere.ok) return elsewhere;
    }
    return opened;
  }

  /**
   * Opens a session.
   *
   * @param instance - the switch that holds the room already; undefined: any
   * @returns a failure of the bus when nobody answers, a refusal when the switch says no
   */
  private async open(
    room: RoomUri,
    wish: SessionWish,
    instance: string | undefined,
    near: readonly string[],
  ): Promise<Result<OpenedSession, BusFailure | Refusal>> {
    const subject =
      instance === undefined
        ? groupSubject('msrp-switch', 'sessions')
        : instanceSubject('msrp-switch', instance, 'sessions');
    const commandId = randomToken(this.random, 16);
    const command = { commandId, room, command: { kind: 'open', value: openSession(wish, near) } } as const;
    const deadline = this.clock.now() + patience;
    const reply = await this.bus.request(subject, rpc.sessions, command, { deadline });
    if (!reply.ok) return err(await this.diagnose(reply.error, instance));
    const { outcome } = reply.value;
    if (outcome?.kind === 'refusal') return err({ kind: 'Refusal', ...outcome.value });
    if (outcome?.kind !== 'opened') return err(refusal(500, 'Server Internal Error', 'the switch answered amiss'));
    const { session, instance: switchInstance, path, port, address: named, fingerprints } = outcome.value;
    const address = named === '' ? this.publicHost : named;
    return ok({ switchInstance, session, path, port, address, fingerprints: fingerprints?.items ?? [] });
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

  /** Says the terms of a session anew. @returns whether the switch has it */
  async changeSession(instance: string, room: string, session: string, wish: SessionWish): Promise<boolean> {
    const reply = await this.tell(instance, room, { kind: 'change', value: { session, terms: openSession(wish) } });
    return reply.ok && reply.value.outcome?.kind === 'done';
  }

  async closeSession(instance: string, room: string, session: string, reason: string): Promise<void> {
    await this.tell(instance, room, { kind: 'close', value: { session, reason } });
  }

  async updateHub(instance: string, room: string, policy: RoomPolicy): Promise<void> {
    await this.tell(instance, room, { kind: 'updateHub', value: { hub: hubPolicy(policy) } });
  }

  async closeHub(instance: string, room: string, reason: string): Promise<void> {
    await this.tell(instance, room, { kind: 'closeHub', value: { reason } });
  }

  /** Has what was said in a room forgotten, by whichever switch. */
  async forgetHistory(room: string): Promise<boolean> {
    const subject = groupSubject('msrp-switch', 'history');
    const deadline = this.clock.now() + forgetting;
    const reply = await this.bus.request(
      subject,
      rpc.history,
      { room, command: { kind: 'forget', value: {} } },
      { deadline },
    );
    return reply.ok && reply.value.outcome?.kind === 'done';
  }

  async announce(instance: string, room: string, text: string): Promise<void> {
    await this.tell(instance, room, { kind: 'announce', value: { text } });
  }

  /** What becomes of it is the switch's affair: one that is gone has nothing to close. */
  private tell(
    instance: string,
    room: string,
    command: msrpSwitch.SwitchCommandCommand,
  ): Promise<Result<msrpSwitch.SwitchReply, BusFailure>> {
    const subject = instanceSubject('msrp-switch', instance, 'sessions');
    const message = { commandId: randomToken(this.random, 16), room, command };
    return this.bus.request(subject, rpc.sessions, message, { deadline: this.clock.now() + patience });
  }
}

function isFull(error: BusFailure | Refusal): boolean {
  return error.kind === 'Refusal' && error.status === 503;
}

function openSession(wish: SessionWish, near: readonly string[] = []): msrpSwitch.OpenSession {
  const { participant, identity, uris, peer, transport, policy, nickname, isSpeaker, joinedAt } = wish;
  const ranges = (types: MsrpMedia['acceptTypes']): string[] => types.map((range) => serialiseMediaRange(range));
  return {
    participant,
    identity,
    uris,
    peerPath: peer?.path ?? [],
    // Who has not answered our offer may still choose to wait for us.
    setup: answerSetup(peer?.setup),
    acceptTypes: peer === undefined ? ['message/cpim'] : ranges(peer.acceptTypes),
    acceptWrappedTypes: peer === undefined ? ['*'] : ranges(peer.acceptWrappedTypes),
    peerMaxSize: peer?.maxSize ?? 0,
    privateMessages: peer !== undefined && takesPrivateMessages(peer),
    nicknames: peer !== undefined && knowsNicknames(peer),
    ...transport,
    hub: hubPolicy(policy),
    nickname,
    speaker: isSpeaker,
    paused: peer !== undefined && isPaused(peer),
    switches: { items: near },
    amendments: peer !== undefined && takesAmendments(peer),
    joinedAt: joinedAt === undefined ? undefined : Math.floor(joinedAt),
    fingerprints: { items: peer?.fingerprints.map((print) => `${print.hashFunction} ${print.fingerprint}`) ?? [] },
  };
}

function hubPolicy(policy: RoomPolicy): msrpSwitch.HubPolicy {
  const { nicknames, nicknameScope, privateMessages, maxSize, moderated, welcome, history, replay, hideMembers } =
    policy;
  return { nicknames, nicknameScope, privateMessages, maxSize, moderated, welcome, history, replay, hideMembers };
}
