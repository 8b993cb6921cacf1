import type { ContinuationFlag, MsrpRequestHead } from '@parley/msrp';
import { createMsrpReader, reportOn, responseTo, serialiseRequest, serialiseResponse } from '@parley/msrp';
import { nodeBytes } from '@parley/service';
import type { Dice } from '@parley/testing';
import type { House, Offer } from '../../tests/support/house.ts';
import { freshRequests, mutate } from './seeds.ts';
import { SimulatedWire } from './simulated-wire.ts';

/** Answers owed and chunks not sent that are kept. */
const mostWaiting = 200;

/** Somebody in the room: sends broken chunks, reads what comes, and answers it with broken answers. */
export class Participant {
  /** Requests that came. */
  heard = 0;
  readonly faults: string[] = [];
  private readonly house: House;
  private readonly name: string;
  private readonly dice: Dice;
  private offer: Offer = { toPath: '', fromPath: '', session: '' };
  private wire: SimulatedWire | undefined;
  private owed: Buffer[] = [];
  private unsent: Buffer[] = [];

  constructor(house: House, name: string, dice: Dice) {
    this.house = house;
    this.name = name;
    this.dice = dice;
  }

  /** Sends an input in up to three pieces; false where the switch reads nothing at the moment. */
  async speak(other: Buffer): Promise<boolean> {
    if (this.wire?.isOpen !== true) await this.join();
    const { wire, dice } = this;
    if (wire === undefined || wire.isPaused) return false;
    const times = dice.pick([0, 0, 0, 0, 0, 0, 0, 1, 2, 4]);
    const octets = mutate(this.next(), times, dice, other);
    const cuts = [dice.upTo(octets.length + 1), dice.upTo(octets.length + 1)].sort((a, b) => a - b);
    for (const [i, end] of [...cuts, octets.length].entries()) wire.send(octets.subarray(cuts[i - 1] ?? 0, end));
    // What follows a broken end-line is the body of one chunk, however much it is.
    if (dice.percent(times > 0 ? 40 : 4)) this.leave();
    return true;
  }

  /** Takes what waits for it. */
  take(): void {
    this.wire?.take();
  }

  leave(): void {
    this.wire?.destroy();
    this.owed = [];
    this.unsent = [];
  }

  /** A chunk of a message that was begun, an answer, or something new. */
  private next(): Buffer {
    const { dice, unsent, owed } = this;
    const waiting = dice.percent(30) ? owed.pop() : dice.percent(70) ? unsent.splice(dice.upTo(4), 1)[0] : undefined;
    if (waiting !== undefined) return waiting;
    const [first = Buffer.alloc(0), ...others] = freshRequests(dice, this.name, this.offer);
    if (unsent.length < mostWaiting) unsent.push(...others);
    return first;
  }

  /** Comes back to its session, or has a new one. */
  private async join(): Promise<void> {
    if (this.offer.session === '' || this.dice.percent(70)) this.offer = await this.house.offer(this.name);
    this.unsent = [];
    const wire = new SimulatedWire(this.name, this.reader());
    this.wire = wire;
    this.house.service.connections.adopt(wire);
    const { toPath, fromPath } = this.offer;
    const lines = ['MSRP bind-it SEND', `To-Path: ${toPath}`, `From-Path: ${fromPath}`, 'Message-ID: bind-it'];
    wire.send(Buffer.from(`${lines.join('\r\n')}\r\n-------bind-it$\r\n`));
  }

  /** Whatever was sent to the switch, what comes from it can be read, and is what its head says. */
  private reader(): (octets: Buffer) => void {
    const reader = createMsrpReader({ codec: nodeBytes });
    let request: MsrpRequestHead | undefined;
    let length = 0;
    return (octets) => {
      for (const event of reader.push(octets)) {
        if (event.kind === 'error') this.faults.push(`${event.error.message} in ${octets.toString('latin1')}`);
        else if (event.kind === 'request') this.owe(event.request);
        else if (event.kind === 'start') [request, length] = [event.request, 0];
        else if (event.kind === 'body') length += event.bytes.length;
        else if (event.kind === 'end' && request !== undefined) {
          this.owe(request);
          if (!isOfLength(request, length, event.flag))
            this.faults.push(`${length} octets in ${octets.toString('latin1')}`);
        }
      }
    };
  }

  private owe(request: MsrpRequestHead): void {
    this.heard++;
    if (this.owed.length >= mostWaiting) return;
    const { dice } = this;
    const code = dice.pick([200, 200, 200, 400, 413, 481, 501]);
    if (request.method === 'SEND') this.owed.push(Buffer.from(serialiseResponse(responseTo(request, code)), 'latin1'));
    if (request.successReport !== 'yes' || request.messageId === undefined) return;
    const report = reportOn(request, { transactionId: 'a-report', code, byteRange: request.byteRange });
    this.owed.push(Buffer.from(serialiseRequest(report, '$'), 'latin1'));
  }
}

/** Whether a chunk has as many octets as its Byte-Range says; that of a REPORT is of what it reports on. */
function isOfLength({ method, byteRange }: MsrpRequestHead, length: number, flag: ContinuationFlag): boolean {
  const { start = 1, end = '*' } = byteRange ?? {};
  return method !== 'SEND' || flag === '#' || end === '*' || end === start + length - 1;
}
