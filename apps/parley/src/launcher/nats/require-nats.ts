import { connect } from 'node:net';
import { LaunchError } from '../launch-error.ts';
import { natsAddress } from './nats-address.ts';

/** How long a server may take to accept, in milliseconds. */
const patience = 3_000;

/**
 * Makes sure that some server of `PARLEY_NATS_URL` accepts connections.
 *
 * @throws LaunchError when none does
 */
export async function requireNats(urls: readonly string[]): Promise<void> {
  try {
    await Promise.any(urls.map((url) => accepts(natsAddress(url))));
  } catch (error) {
    throw new LaunchError(
      `PARLEY_NATS_URL names no server that answers (${firstReason(error)}); start it, or unset it for a private one`,
      { cause: error },
    );
  }
}

function firstReason(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}

function accepts(address: ReturnType<typeof natsAddress>): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, timeout: patience });
    const end = (settle: () => void): void => {
      socket.destroy();
      settle();
    };
    socket.once('connect', () => {
      end(resolve);
    });
    socket.once('error', (error) => {
      end(() => {
        reject(error);
      });
    });
    socket.once('timeout', () => {
      end(() => {
        reject(new Error(`${address.host} does not accept`));
      });
    });
  });
}
