import { parseCpim } from '@parley/cpim';
import { readIsComposing } from '@parley/iscomposing';
import { RoomTyping } from '../composing/room-typing.ts';
import type { Hub } from '../hub/hub.ts';
import type { BoardListener } from '../hub/switchboard.ts';
import type { Session } from '../hub/session.ts';
import type { Distributor, Heard } from './distributor.ts';
import type { Errand, ErrandResult, Whole } from './errand.ts';
import { wholeCopy } from './errand.ts';
import { expectReports } from './reports.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Passes on who is composing, octet by octet as it came, to those who said that they take that; of what one repeats in a room,
 * and of what many say at once, no more than the room needs.
 *
 * @spec RFC 3994; REQ-COMP-1 to 15 of the Advanced IM Requirements
 */
export class IndicatorDesk implements Errand, BoardListener {
  /** A status message has a few hundred octets, and its wrapper. */
  readonly limit = 16_384;
  private readonly around: Surroundings;
  private readonly distributor: Distributor;
  private readonly rooms = new Map<Hub, RoomTyping>();

  constructor(around: Surroundings, distributor: Distributor) {
    this.around = around;
    this.distributor = distributor;
  }

  carryOut(whole: Whole): ErrandResult {
    const { route, octets, chunk } = whole;
    const cpim = parseCpim(octets, this.around.codec);
    const says = cpim.ok ? readIsComposing(cpim.value.content.body, this.around.codec) : cpim;
    if (!says.ok) return { code: 400, comment: 'expected a status message of RFC 3994' };
    const { session } = chunk;
    if (route.kind === 'private') return this.passPrivately(whole, route);
    // Who has no voice may only say that he composes no longer, which is news while the room shows that he does.
    const isEnd = says.value.state === 'idle';
    if (route.kind !== 'room' && !isEnd) return { code: 403 };
    const copies = session.hub.size - 1;
    const pass = (): void => {
      if (session.life !== 'ended' && (session.maySpeak || isEnd)) this.pass(whole, { kind: 'room' }, false);
    };
    this.typing(session.hub).take(session, { says: says.value, copies, pass });
    return { code: 200 };
  }

  /** Somebody says something to the room: that he composed it is over. */
  said(session: Session): void {
    this.rooms.get(session.hub)?.said(session);
  }

  added(): void {}

  removed(session: Session): void {
    this.said(session);
  }

  emptied(hub: Hub): void {
    this.rooms.delete(hub);
  }

  private passPrivately(whole: Whole, route: Heard): ErrandResult {
    const isRelayed = this.around.dialect === 'draft-03';
    this.pass(whole, route, isRelayed);
    return { code: 200, isRelayed };
  }

  private pass(whole: Whole, route: Heard, keepsReports: boolean): void {
    const { chunk, head, octets, copyId } = whole;
    const audience = this.distributor.audienceOf(chunk, route, head.wrappedType);
    if (keepsReports) expectReports(audience.recipients, chunk, copyId, this.around);
    this.distributor.send(wholeCopy(whole, octets, keepsReports), audience);
  }

  private typing(hub: Hub): RoomTyping {
    const known = this.rooms.get(hub) ?? new RoomTyping(this.around.clock);
    this.rooms.set(hub, known);
    return known;
  }
}
