import type { media } from '@parley/contracts';
import type { ContinuationFlag, MsrpRequestHead } from '@parley/msrp';
import type { NoteTransaction } from '../actors/answer-desk.ts';
import type { Couriers } from '../actors/couriers.ts';
import { awaitReports } from '../actors/reports.ts';
import type { Surroundings } from '../actors/surroundings.ts';
import type { Hub } from '../hub/hub.ts';
import type { Session } from '../hub/session.ts';
import { ArrivingMessage, flagOf } from './arriving-message.ts';
import { memberReport } from './member-report.ts';
import type { PeerLink } from './peer-link.ts';

/** What is said on other switches, on its way to those who are here. */
export class Arrivals {
  private readonly around: Surroundings;
  private readonly couriers: Couriers;
  /** By switch, room and stream. */
  private readonly arriving = new Map<string, ArrivingMessage>();

  constructor(around: Surroundings, couriers: Couriers) {
    this.around = around;
    this.couriers = couriers;
  }

  /** Takes a chunk for those of a hub. */
  take(hub: Hub, link: PeerLink, chunk: media.MediaChunk): void {
    const key = `${link.instance} ${hub.room} ${chunk.stream}`;
    const message = chunk.begun === undefined ? this.arriving.get(key) : this.begin(hub, link, chunk, chunk.begun);
    if (message === undefined) return;
    const flag = flagOf(chunk.flag);
    const isOver = flag === '#' || message.note(chunk, flag);
    message.timer?.();
    if (flag === '#') {
      this.giveUp(key, message);
      return;
    }
    const { distributor, pacer } = this.couriers;
    const note = this.noteFor(hub, link, message, chunk);
    const reached = chunk.start + chunk.body.length - 1;
    const mustWait = distributor.send({ head: message.head(chunk), body: [chunk.body], flag, reached, note }, message);
    if (mustWait) pacer.hold(link, message);
    if (isOver) this.forget(key, message);
    else this.keep(key, message);
  }

  /** The last of the room left while a message was on its way here. */
  takeForNobody(room: string, link: PeerLink, begun: media.MessageBegun): void {
    link.add({ room, news: { kind: 'gone', value: {} } });
    if (begun.to.length > 0) this.reportUnknown(room, link, begun);
  }

  /** Breaks off what is under way: from everywhere, from one switch, or from one in a room. */
  breakOff(...origin: readonly string[]): void {
    const prefix = origin.map((part) => `${part} `).join('');
    for (const [key, message] of [...this.arriving]) if (key.startsWith(prefix)) this.giveUp(key, message);
  }

  private begin(hub: Hub, link: PeerLink, chunk: media.MediaChunk, begun: media.MessageBegun): ArrivingMessage {
    const isPrivate = begun.to.length > 0;
    const candidates = isPrivate ? begun.to.flatMap((id) => hub.sessions.get(id) ?? []) : hub.sessions.values();
    const { wrappedType } = begun;
    const recipients = this.couriers.distributor.able(candidates, { size: chunk.total, wrappedType });
    if (isPrivate) this.expectReports(hub, link, begun, recipients);
    return new ArrivingMessage(begun, recipients);
  }

  private expectReports(hub: Hub, link: PeerLink, begun: media.MessageBegun, recipients: readonly Session[]): void {
    const { messageId, successReport } = begun;
    const tellsFailures = begun.failureReport !== 'no';
    if (recipients.length === 0) this.reportUnknown(hub.room, link, begun);
    const sender = {
      relay: (request: MsrpRequestHead): void => {
        tellReport(hub.room, link, memberReport(begun, request.status?.code ?? 200, request));
      },
    };
    const tells = { tellsSuccess: successReport === 'yes', tellsFailures };
    awaitReports(recipients, messageId, { sender, messageId, ...tells }, this.around.limits);
  }

  /** What the recipients here answer matters to the sender there as it would here. */
  private noteFor(
    { room }: Hub,
    link: PeerLink,
    message: ArrivingMessage,
    chunk: media.MediaChunk,
  ): NoteTransaction | undefined {
    const { begun } = message;
    if (begun.failureReport === 'no') return undefined;
    const flag: ContinuationFlag = flagOf(chunk.flag);
    const isReported = begun.to.length > 0 && this.around.dialect === 'draft-03';
    const { byteRange } = message.head(chunk);
    const undelivered = {
      isTimed: begun.failureReport !== 'partial',
      tell: (code: number): void => {
        tellReport(room, link, memberReport(begun, code, { status: undefined, byteRange }));
      },
    };
    return this.couriers.answers.note(message, flag, isReported ? undelivered : undefined);
  }

  /** @spec draft-ietf-simple-chat-03 §6.2 (427); RFC 7701 §6.2 (404) */
  private reportUnknown(room: string, link: PeerLink, begun: media.MessageBegun): void {
    const code = this.around.dialect === 'draft-03' ? 427 : 404;
    if (begun.failureReport !== 'no') tellReport(room, link, memberReport(begun, code));
  }

  private keep(key: string, message: ArrivingMessage): void {
    this.arriving.set(key, message);
    message.timer = this.around.clock.after(this.around.limits.chunkTime, () => {
      this.giveUp(key, message);
    });
  }

  private giveUp(key: string, message: ArrivingMessage): void {
    message.timer?.();
    this.forget(key, message);
    const copy = { head: message.abandonedHead(), body: [], flag: '#', reached: 0 } as const;
    this.couriers.distributor.send(copy, message);
  }

  private forget(key: string, message: ArrivingMessage): void {
    this.arriving.delete(key);
    this.couriers.answers.forget(message);
  }
}

function tellReport(room: string, link: PeerLink, report: media.MemberReport): void {
  link.add({ room, news: { kind: 'report', value: report } });
}
