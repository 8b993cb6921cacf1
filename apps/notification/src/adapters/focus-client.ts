import type { RoomAsker } from '@parley/bus';
import { askOwner, ownerSubject, refusalIn, roomPages, showRoom } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { rpc } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, randomToken } from '@parley/prelude';
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
/** Times that a roster is begun anew, as somebody left between two pages. */
const tries = 5;

/** Asks the focus what a room looks like. */
export class FocusClient {
  private readonly asker: RoomAsker;

  constructor(asker: RoomAsker) {
    this.asker = asker;
  }

  /**
   * Asks whether somebody may watch a room.
   *
   * @param identity - address-of-record
   * @returns 404 or 403 of the focus, 503 when it does not answer
   */
  async admit(room: string, identity: string): Promise<Result<void, Refusal>> {
    const shown = await showRoom(this.asker, room, { identity, limit: 0 }, patience);
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
    return err(refusalIn(undefined));
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
    const { bus, clock } = this.asker;
    const command = { commandId, room, command: { kind: 'shareDialog', value: { sip } } } as const;
    const reply = await askOwner(bus, 'focus', room, rpc.focus, command, { deadline: clock.now() + patience });
    const outcome = reply.ok ? reply.value.outcome : undefined;
    return outcome?.kind === 'shared' ? ok(outcome.value) : err(refusalIn(outcome));
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
    const { bus, clock, random } = this.asker;
    const command = { kind: 'notifyParticipant', value } as const;
    const question = { commandId: randomToken(random, 16), room, command };
    // Asked once: a second one would be another NOTIFY, and the device may take its time for the first.
    const options = { deadline: clock.now() + deliveryPatience };
    const reply = await bus.request(ownerSubject('focus', room), rpc.focus, question, options);
    if (!reply.ok || reply.value.outcome === undefined) return { outcome: 'failed' };
    const { outcome } = reply.value;
    return outcome.kind === 'sip' ? notifiedBy(outcome.value.response) : { outcome: 'over' };
  }

  private async pages(room: string): Promise<Result<Roster, Refusal>> {
    const participants: focus.Participant[] = [];
    let first: focus.Room | undefined;
    for await (const page of roomPages(this.asker, room, patience)) {
      if (!page.ok) return page;
      first ??= page.value;
      participants.push(...page.value.participants);
    }
    return first === undefined ? err(refusalIn(undefined)) : ok(rosterOf({ ...first, participants }));
  }
}
