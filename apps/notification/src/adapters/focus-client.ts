import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { rpc, shardSubject } from '@parley/contracts';
import type { Clock, Random, Refusal, Result } from '@parley/prelude';
import { err, ok, randomToken, refusal } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { readRaw, serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import type { Roster } from '../roster/roster.ts';
import type { Request, Sharer } from '../subscription/accept.ts';
import type { Notified } from './edge-client.ts';
import { notifiedBy } from './edge-client.ts';
import { rosterOf } from './roster-message.ts';

/** Milliseconds for a question: what an edge waits for a SUBSCRIBE, less a little. */
const patience = 7000;
/** Milliseconds for a NOTIFY that the focus sends: timer F of RFC 3261 §17.1.2.2, and a little for the bus twice. */
const deliveryPatience = 40_000;
/** Participants of a page: some hundred octets each, of the megabyte that a message of NATS holds. */
const pageSize = 1000;
/** Times that a roster is begun anew, as somebody left between two pages. */
const tries = 5;

/** Asks the focus what a room looks like. */
export class FocusClient {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly random: Random;

  constructor(bus: Bus, clock: Clock, random: Random) {
    this.bus = bus;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Asks whether somebody may watch a room.
   *
   * @param identity - address-of-record
   * @returns 404 or 403 of the focus, 503 when it does not answer
   */
  async admit(room: string, identity: string): Promise<Result<void, Refusal>> {
    const shown = await this.ask(room, { identity, limit: 0 });
    return shown.ok ? ok(undefined) : shown;
  }

  /**
   * The roster of a room, all of it. Its version is that of the first page: what others show from later ones is told by
   * the events in between, which do no harm when they are told twice.
   *
   * @returns 404 of the focus, 503 when it does not answer
   */
  async show(room: string): Promise<Result<Roster, Refusal>> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const roster = await this.pages(room);
      if (roster.ok || roster.error.status !== 409) return roster;
    }
    return err(unavailable);
  }

  /**
   * Has the focus take a SUBSCRIBE into the dialog of the participant that sent it.
   *
   * @returns 481 where it is nobody's dialog, 403 and 500 of the focus, 503 when it does not answer
   */
  async share({ room, request, reach, commandId, isSecure }: Request): Promise<Result<Sharer, Refusal>> {
    const { edgeInstance, flow, byDatagram } = reach;
    const transport = byDatagram ? 'UDP' : isSecure ? 'TLS' : 'TCP';
    const from = { identity: '', edgeInstance, flow, transport, sourceAddress: '', sourcePort: 0 };
    const sip = { ...from, request: serialise(request, nodeBytes) };
    const reply = await this.command(room, { kind: 'shareDialog', value: { sip } }, patience, commandId);
    return reply?.kind === 'shared' ? ok(reply.value) : err(refusalIn(reply));
  }

  /** Has the focus send a NOTIFY in the dialog of a participant. @param last - whether the subscription ends with it */
  async notify(room: string, participant: string, request: SipRequest, last: boolean): Promise<Notified> {
    const value: focus.NotifyParticipant = {
      participant,
      event: readRaw(request, 'Event') ?? '',
      subscriptionState: readRaw(request, 'Subscription-State') ?? '',
      contentType: readRaw(request, 'Content-Type') ?? '',
      body: request.body,
      last,
    };
    const reply = await this.command(room, { kind: 'notifyParticipant', value }, deliveryPatience);
    if (reply === undefined) return { outcome: 'failed' };
    return reply.kind === 'sip' ? notifiedBy(reply.value.response) : { outcome: 'over' };
  }

  private async pages(room: string): Promise<Result<Roster, Refusal>> {
    const first = await this.ask(room, { identity: '', limit: pageSize });
    if (!first.ok) return first;
    const participants = [...first.value.participants];
    for (let after = first.value.next; after !== undefined;) {
      const page = await this.ask(room, { identity: '', limit: pageSize, after });
      if (!page.ok) return page;
      participants.push(...page.value.participants);
      after = page.value.next;
    }
    return ok(rosterOf({ ...first.value, participants }));
  }

  private async ask(room: string, question: focus.ShowRoom): Promise<Result<focus.Room, Refusal>> {
    const reply = await this.command(room, { kind: 'show', value: question }, patience);
    return reply?.kind === 'room' ? ok(reply.value) : err(refusalIn(reply));
  }

  /** @returns undefined when the focus does not answer */
  private async command(
    room: string,
    command: NonNullable<focus.FocusCommand['command']>,
    within: number,
    commandId = randomToken(this.random, 16),
  ): Promise<focus.FocusReply['outcome']> {
    const subject = shardSubject('focus', shardOf(room));
    const deadline = this.clock.now() + within;
    const reply = await this.bus.request(subject, rpc.focus, { commandId, room, command }, { deadline });
    return reply.ok ? reply.value.outcome : undefined;
  }
}

function refusalIn(reply: focus.FocusReply['outcome']): Refusal {
  return reply?.kind === 'refusal' ? { kind: 'Refusal', ...reply.value } : unavailable;
}

const unavailable = refusal(503, 'Service Unavailable', 'the focus of the room does not answer', 5);
