import type { MsrpReader } from '@parley/msrp';
import type { IncomingChunk } from '../actors/incoming-chunk.ts';
import type { Outlet } from '../hub/outlet.ts';
import type { Session } from '../hub/session.ts';
import type { OutgoingChunk } from '../message/outgoing-chunk.ts';
import { isAnnounced } from './fingerprint.ts';
import type { Flusher } from './flusher.ts';
import { OutputQueue } from './output-queue.ts';
import type { ConnectionName } from './stalled-connections.ts';
import type { Wire, WireKind } from './wire.ts';

/** What a connection is made of. */
export interface ConnectionParts {
  readonly wire: Wire;
  readonly reader: MsrpReader;
  readonly flusher: Flusher;
  /** Octets that may wait to be sent. */
  readonly queueBytes: number;
  /** Octets that wait when it is behind. */
  readonly behindBytes: number;
}

/** One transport connection, the sessions on it, and what comes and goes. */
export class Connection implements Outlet {
  /** Address of the peer. */
  readonly address: string;
  /** Names it among all of this machine. */
  readonly name: ConnectionName;
  readonly kind: WireKind;
  readonly reader: MsrpReader;
  readonly sessions = new Set<Session>();
  /** The SEND whose body comes in. */
  chunk: IncomingChunk | undefined;
  /** The paths of the last request, and the session that they name. */
  known: { readonly to: string; readonly from: string; readonly session: Session } | undefined;
  isOpen = true;
  isHeld = false;
  /** Why it ends, when we end it. */
  ending: string | undefined;
  private readonly wire: Wire;
  private readonly queue: OutputQueue;
  /** Chunk that was delivered last, and how many sessions here got it already. */
  private lastChunk: OutgoingChunk | undefined;
  private copies = 0;
  private readonly behindBytes: number;
  private isSilent = false;
  /** What the peer had taken at the last check since it is behind. */
  private takenAtCheck: number | undefined;

  constructor({ wire, reader, flusher, queueBytes, behindBytes }: ConnectionParts) {
    this.behindBytes = behindBytes;
    this.wire = wire;
    this.address = wire.address;
    this.name = wire.name;
    this.kind = wire.kind;
    this.reader = reader;
    this.queue = new OutputQueue(wire, flusher, queueBytes, () => {
      this.destroy('it does not read what it is sent');
    });
    wire.onPing?.((pong) => {
      if (this.isOpen) this.queue.addRaw(pong);
    });
  }

  /** Whether the peer showed no certificate, or one of those that are announced. @spec RFC 4975 §14.4 */
  shows(announced: readonly string[]): boolean {
    const { certificate } = this.wire;
    return certificate === undefined || announced.length === 0 || isAnnounced(certificate, announced);
  }

  get isBehind(): boolean {
    if (this.queue.waiting > this.behindBytes) return !this.isSilent;
    this.isSilent = false;
    this.takenAtCheck = undefined;
    return false;
  }

  hold(): void {
    this.isHeld = true;
    this.wire.pause();
  }

  letGo(): void {
    this.isHeld = false;
    this.wire.resume();
  }

  checkProgress(): void {
    const { taken } = this.queue;
    this.isSilent = taken === this.takenAtCheck;
    this.takenAtCheck = taken;
  }

  /** Whether its transport has pings. */
  get canPing(): boolean {
    return this.wire.ping !== undefined;
  }

  ping(): void {
    if (this.isOpen && this.wire.ping !== undefined) this.queue.addRaw(this.wire.ping);
  }

  send(text: string): void {
    if (this.isOpen) this.queue.add(text);
  }

  deliver(chunk: OutgoingChunk, paths: Uint8Array): void {
    if (this.lastChunk === chunk) this.copies++;
    else {
      this.lastChunk = chunk;
      this.copies = 0;
    }
    const { start, tail, octets } = chunk.variant(this.copies);
    this.queue.addChunk({ start, paths, tail, octets: octets + paths.length }, chunk);
  }

  /** Forgets what the last turn delivered, so that it can be collected. */
  settle(): void {
    this.lastChunk = undefined;
  }

  released(session: Session): void {
    this.sessions.delete(session);
    if (this.sessions.size === 0) this.close('its last session ended');
  }

  /** Ends it once what waits is written. */
  close(why: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.ending = why;
    this.queue.finish(() => {
      this.wire.end(lingering);
    });
  }

  /** Its peer is gone, as if it had closed it: its sessions may come back by another connection. */
  lose(): void {
    this.isOpen = false;
    this.wire.destroy();
  }

  /** Ends it at once. */
  destroy(why: string): void {
    this.isOpen = false;
    this.ending ??= why;
    this.wire.destroy();
  }
}

/** Milliseconds that the peer has to take what waits, and to close its side. */
const lingering = 5000;
