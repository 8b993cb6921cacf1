import type { TransportFailure } from '@parley/prelude';
import type { MsrpUri } from '@parley/msrp';

/** A way for octets to one MSRP peer. */
export interface BytePipe {
  /** Sends the octets of one MSRP message or chunk, which is one WebSocket message where there are such. */
  write(bytes: Uint8Array): void;
  /** Closes after what was written. */
  close(): void;
}

/** Who hears what comes out of a pipe. */
export interface PipeObserver {
  onBytes(bytes: Uint8Array): void;
  /** Once, when nothing comes any more. */
  onClosed(failure: TransportFailure | undefined): void;
}

/**
 * Opens a pipe to the host and port of a URI, over TLS for `msrps`, over WebSocket for `;ws`; rejects when it cannot.
 *
 * @spec RFC 4975 §5.4, RFC 7977 §5
 */
export type OpenPipe = (uri: MsrpUri, observer: PipeObserver) => Promise<BytePipe>;
