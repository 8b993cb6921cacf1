import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

const binding = 0x0011;
const magicCookie = 0x2112a442;
const octets = 20;
/** Those under way that are remembered. */
const mostUnderway = 1_000;
/** Octets of the secret; the rest of the transaction id is a number. */
const secretOctets = 8;

/** Where the datagrams go that the edge sends to itself. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * Finds how long a datagram waits until the edge takes it, in the queue of the kernel too: it sends itself some, as STUN
 * Binding indications, which nobody answers (RFC 5389 §7.2).
 */
export class UdpProbe implements Disposable {
  private readonly secret = randomBytes(secretOctets);
  private readonly now: () => number;
  private socket: Socket | undefined;
  /** When each was sent, the oldest first. */
  private readonly underway = new Map<number, number>();
  private serial = 0;
  /** Milliseconds of the one that came last, and whether others before it were lost. */
  private last = { delay: 0, lost: 0 };

  /** @param now - monotonic milliseconds */
  constructor(now: () => number) {
    this.now = now;
  }

  /** Sends one; `target` is where the edge listens, on all addresses perhaps. */
  send({ host, port }: ProbeTarget): void {
    this.socket ??= openSocket(host);
    const probe = Buffer.alloc(octets);
    probe.writeUInt16BE(binding, 0);
    probe.writeUInt32BE(magicCookie, 4);
    this.secret.copy(probe, 8);
    probe.writeUInt32BE(++this.serial >>> 0, 16);
    this.underway.set(this.serial >>> 0, this.now());
    const [oldest] = this.underway.keys();
    if (this.underway.size > mostUnderway && oldest !== undefined) this.underway.delete(oldest);
    // What cannot be sent counts as lost.
    this.socket.send(probe, port, reachable(host), () => {});
  }

  /** Whether one has not come yet. */
  get isUnderway(): boolean {
    return this.underway.size > 0;
  }

  /** Whether a datagram is one of ours; then it has been taken. */
  take(datagram: Buffer): boolean {
    if (datagram.length !== octets || !this.secret.equals(datagram.subarray(8, 8 + secretOctets))) return false;
    const serial = datagram.readUInt32BE(16);
    const sentAt = this.underway.get(serial);
    if (sentAt === undefined) return true;
    this.last.delay = this.now() - sentAt;
    for (const other of this.underway.keys()) {
      this.underway.delete(other);
      if (other === serial) break;
      this.last.lost++;
    }
    return true;
  }

  /**
   * Milliseconds that a datagram waits: of the last that came, or of one that has not come yet.
   *
   * @param ifLost - what one counts that the kernel had no room for
   */
  delay(ifLost: number): number {
    const [oldest] = this.underway.values();
    const waiting = oldest === undefined ? 0 : this.now() - oldest;
    const { delay, lost } = this.last;
    this.last = { delay, lost: 0 };
    return Math.max(waiting, lost > 0 ? ifLost : delay);
  }

  [Symbol.dispose](): void {
    this.socket?.close();
  }
}

function openSocket(host: string): Socket {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4').unref();
  return socket.on('error', () => {});
}

/** An address that leads to a listener on all of them. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
