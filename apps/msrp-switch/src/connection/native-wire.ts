import type { NativeStream } from '@parley/sip-stack/node';
import type { OctetParts } from './octet-parts.ts';
import type { ConnectionName, Ends } from './stalled-connections.ts';
import { connectionName } from './stalled-connections.ts';
import type { Wire } from './wire.ts';
import { destroyLater } from './wire.ts';

/** A wire that is a connection of the add-on: what is written to all of them in a turn leaves by one call. */
export class NativeWire implements Wire {
  readonly kind = 'tcp';
  readonly address: string;
  readonly name: ConnectionName;
  private readonly stream: NativeStream;

  constructor(stream: NativeStream) {
    this.stream = stream;
    this.address = stream.remoteAddress;
    this.name = connectionName(endsOf(stream));
    stream.on('error', () => {}); // 'close' follows
    stream.on('end', () => {
      stream.end();
    });
  }

  get waiting(): number {
    return this.stream.waiting;
  }

  write(parts: OctetParts): void {
    this.stream.write(parts);
  }

  onTaken(listener: () => void): void {
    this.stream.on('drain', listener);
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    this.stream.receive({
      take: (octets) => {
        listener(ofItself(octets));
      },
    });
  }

  onClose(listener: () => void): void {
    this.stream.once('close', listener);
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  end(patience: number): void {
    destroyLater(this, patience);
    this.stream.end();
  }

  destroy(): void {
    this.stream.destroy();
  }
}

function endsOf({ remoteAddress, remotePort, local }: NativeStream): Ends {
  return { remoteAddress, remotePort, localPort: local.port };
}

/** What a whole turn read lies in one buffer, which a small part of it would keep alive in somebody's queue. */
function ofItself(octets: Buffer): Buffer {
  return octets.length * 4 < octets.buffer.byteLength ? Buffer.from(octets) : octets;
}
