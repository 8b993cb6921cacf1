import type { NativeSockets, NativeStream } from '@parley/sip-stack/node';
import { NativeStreams } from '@parley/sip-stack/node';
import type { SwitchLimits } from '../limits.ts';
import type { Connections } from './connections.ts';
import type { ListenAt, Port } from './port.ts';

/**
 * Takes connections by the add-on: a turn of the event loop reads many of them, and writes to many, in one call.
 *
 * @param accept - takes those that there is room for
 * @throws Error of the system when the place is taken or not ours
 */
export function listenNative(
  native: NativeSockets,
  at: ListenAt,
  connections: Connections,
  { keepAlive }: SwitchLimits,
  accept: (stream: NativeStream) => void,
): Port {
  let open = 0;
  let isOver = false;
  const shutWhenDone = (): void => {
    if (isOver && open === 0) streams.shut();
  };
  const take = (stream: NativeStream): void => {
    open++;
    stream.once('close', () => {
      open--;
      shutWhenDone();
    });
    if (connections.admits(stream.remoteAddress)) accept(stream);
    else stream.destroy();
  };
  const streams = new NativeStreams(native, at, take, keepAlive / 1000);
  connections.flusher.thenFlush(streams);
  return {
    number: streams.local.port,
    [Symbol.dispose]() {
      isOver = true;
      streams.stopAccepting();
      shutWhenDone();
    },
  };
}
