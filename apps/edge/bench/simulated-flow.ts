import { serialiseHead } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import type { Endpoint, Flow } from '@parley/sip-stack';

/** A TCP connection without a socket: what is sent is written out as octets and handed to `receive`. */
export class SimulatedFlow implements Flow {
  readonly protocol = 'TCP';
  readonly reliable = true;
  readonly local: Endpoint = { address: '127.0.0.1', port: 5060 };
  readonly remote: Endpoint;
  readonly peerNames: readonly string[] = [];
  readonly id: string;
  open = true;
  private readonly receive: (octets: Buffer, message: SipMessage) => void;

  constructor(id: string, port: number, receive: (octets: Buffer, message: SipMessage) => void) {
    this.id = id;
    this.remote = { address: '127.0.0.1', port };
    this.receive = receive;
  }

  send(message: SipMessage): void {
    this.receive(octetsOf(message), message);
  }

  close(): void {
    this.open = false;
  }
}

/** A message as a transport writes it. */
export function octetsOf(message: SipMessage): Buffer {
  const head = serialiseHead(message);
  const octets = Buffer.allocUnsafe(head.length + message.body.length);
  octets.write(head, 0, 'latin1');
  octets.set(message.body, head.length);
  return octets;
}
