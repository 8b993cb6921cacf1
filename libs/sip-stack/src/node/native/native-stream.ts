import { EventEmitter } from 'node:events';
import type { Endpoint } from '../../flow.ts';
import type { Pipe } from '../pipe.ts';
import { systemError } from './native-error.ts';
import type { NativeStreams } from './native-streams.ts';
import type { OctetReceiver } from './octet-receiver.ts';
import type { OctetSource } from './octet-source.ts';

/** Events of a connection, as a Socket of `node:net` has them; `drain`, when the kernel has taken what it had not at first. */
interface StreamEvents {
  drain: [];
  end: [];
  error: [Error];
  close: [];
}

/** An accepted connection of the add-on, with those events of a Socket of `node:net` that its users want; octets go to one {@link OctetReceiver}. */
export class NativeStream extends EventEmitter<StreamEvents> implements Pipe {
  readonly slot: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #owner: NativeStreams;
  /** Octets handed over that the kernel has not taken. */
  waiting = 0;
  #receiver: OctetReceiver | undefined;
  #ending = false;
  #ended = false;
  #closed = false;

  constructor(owner: NativeStreams, slot: number, local: Endpoint, remote: Endpoint) {
    super();
    this.#owner = owner;
    this.slot = slot;
    this.local = local;
    this.remote = remote;
  }

  get remoteAddress(): string {
    return this.remote.address;
  }

  get remotePort(): number {
    return this.remote.port;
  }

  /** Takes octets now; they leave when the turn ends. */
  write(source: OctetSource): void {
    if (!this.#closed && !this.#ending) this.#owner.write(this.slot, source);
  }

  end(): void {
    if (this.#closed || this.#ending) return;
    this.#ending = true;
    this.#owner.end(this.slot);
    this.#closeWhenBothEnded();
  }

  /** Reads nothing more until {@link resume}; its peer has to wait. */
  pause(): void {
    if (!this.#closed) this.#owner.pause(this.slot);
  }

  resume(): void {
    if (!this.#closed) this.#owner.resume(this.slot);
  }

  cut(): void {
    this.destroy();
  }

  /** Closes now. */
  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner.close(this.slot);
    process.nextTick(() => this.emit('close'));
  }

  /** Has somebody take the octets that come from now on; until then they are lost. */
  receive(receiver: OctetReceiver): void {
    this.#receiver = receiver;
  }

  /** Octets came. */
  take(octets: Buffer): void {
    if (!this.#closed) this.#receiver?.take(octets);
  }

  /** The peer closed its half. */
  takeEnd(): void {
    if (this.#closed || this.#ended) return;
    this.#ended = true;
    this.emit('end');
    this.#closeWhenBothEnded();
  }

  /** How much the kernel has not taken. */
  takeWaiting(octets: number): void {
    this.waiting = octets;
    if (octets === 0 && !this.#closed) this.emit('drain');
    this.#closeWhenBothEnded();
  }

  /** The connection broke. */
  takeFailure(call: string, errno: number): void {
    if (this.#closed) return;
    const error = systemError(call, errno, `${this.remote.address}:${this.remote.port}`);
    this.destroy();
    this.emit('error', error);
  }

  #closeWhenBothEnded(): void {
    if (this.#ending && this.#ended && this.waiting === 0) this.destroy();
  }
}
