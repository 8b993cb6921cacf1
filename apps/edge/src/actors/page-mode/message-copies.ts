import { pauseAfter } from '../../mailbox/fate.ts';
import { Deadline } from '../deadline-queue.ts';
import type { ForkedMessage, MessageForkHost } from './message-fork-host.ts';
import { isOpen, isUnsettled } from './reach.ts';
import type { Reach } from './reach.ts';

/** Milliseconds for which an attempt that was not answered in time may still succeed: Timer F, less what has passed. */
const underWay = 26_000;

/** What the copies of a message need to know of it, and whom they tell. */
export interface CopiedMessage extends ForkedMessage {
  /** The devices that it was sent to. */
  readonly reaches: readonly Reach[];
  /** Whether a device has it. */
  readonly isAccepted: boolean;
  /** More is known of its copies than before. */
  look(): void;
}

/** What copies need of the surroundings of their message. */
export type CopiesHost = Pick<MessageForkHost, 'store' | 'soon' | 'tookAfterAll'>;

/** A copy, the devices that it is for, and those of them that were tried. */
interface Copying {
  readonly devices: readonly string[];
  readonly reaches: readonly Reach[];
  readonly rest: number;
}

/** The copies of one message, for the devices that it does not reach: which are made, and which the store has. */
export class MessageCopies {
  private readonly message: CopiedMessage;
  private readonly host: CopiesHost;
  /** Those that wait for their acknowledgement. */
  private storing = 0;
  private stored = false;
  /** Devices that have one, or will. */
  private devices: readonly string[] = [];
  private telling = false;
  /** How long devices may take once another has the message; undefined: none has, or all have answered. */
  private grace: Deadline | undefined;
  /** Those that the store did not take, and when it is asked again. */
  private unstored: Copying[] = [];
  private again: Deadline | undefined;
  private storeIsAway = false;

  constructor(message: CopiedMessage, host: CopiesHost) {
    this.message = message;
    this.host = host;
  }

  get areUnderWay(): boolean {
    return this.storing > 0;
  }

  /** Whether the store has one of them. */
  get isStored(): boolean {
    return this.stored;
  }

  /** Whether the store did not take one of them. */
  get isMissing(): boolean {
    return this.unstored.length > 0;
  }

  /** Whether the store did not take one of them, but has not been away for long. */
  get isDelayed(): boolean {
    return this.unstored.length > 0 && !this.storeIsAway;
  }

  /** Whether one of them tells should the message be lost. */
  get isTelling(): boolean {
    return this.telling;
  }

  /** Of devices that are not there. */
  addFor(devices: readonly string[]): void {
    this.add({ devices, reaches: [], rest: 0 });
  }

  /** Of a device that was tried and not reached. */
  addAfter(reach: Reach): void {
    this.add({ devices: [reach.device], reaches: [reach], rest: pauseAfter(1) });
  }

  /** Of those that have not answered, whose 2xx may still remove it. */
  addForOpen(): void {
    const reaches = this.message.reaches.filter(isOpen);
    const devices = reaches.map(({ device }) => device);
    if (reaches.length > 0) this.add({ devices, reaches, rest: underWay });
  }

  /** {@link addForOpen} a moment from now. */
  addForOpenSoon(): void {
    this.grace ??= this.soon(() => {
      this.addForOpen();
    });
  }

  /**
   * Asks the store once more, a moment from now, for what it did not take and is still needed then: a device has the message
   * already, and to wait is better than to have it sent again.
   */
  storeSoon(): void {
    this.again ??= this.soon(() => {
      this.again = undefined;
      for (const copying of this.unstored.splice(0)) this.addAgain(copying);
    });
  }

  /** No more are made, beside those under way. */
  close(): void {
    this.grace?.leave();
    this.again?.leave();
  }

  private soon(act: () => void): Deadline {
    const deadline = new Deadline(() => {
      act();
      this.message.look();
    });
    this.host.soon(deadline);
    return deadline;
  }

  private addAgain({ devices, reaches, rest }: Copying): void {
    const unneeded = reaches.filter(({ state }) => state !== 'copied').map(({ device }) => device);
    const wanted = devices.filter((device) => !unneeded.includes(device));
    if (wanted.length > 0) this.add({ devices: wanted, reaches, rest });
  }

  private add(copying: Copying): void {
    const { devices, reaches, rest } = copying;
    const { message } = this;
    for (const reach of reaches) reach.state = 'copied';
    const shared = message.isAccepted || message.reaches.some(isUnsettled);
    const storing = this.host.store(message, { devices, rest, shared, others: this.devices });
    this.devices = [...this.devices, ...devices];
    if (!shared) this.telling = true;
    if (storing === undefined) return;
    this.storing++;
    void storing.then((outcome) => {
      this.storing--;
      if (outcome.kind === 'failed') {
        this.unstored.push(copying);
        this.storeIsAway = outcome.isLasting;
      } else if (outcome.kind === 'stored') this.note(outcome.sequence, reaches);
      message.look();
    });
  }

  private note(sequence: number, reaches: readonly Reach[]): void {
    this.stored = true;
    for (const reach of reaches) {
      reach.sequence = sequence;
      if (reach.state === 'taken') this.host.tookAfterAll(this.message, reach.device, sequence);
    }
  }
}
