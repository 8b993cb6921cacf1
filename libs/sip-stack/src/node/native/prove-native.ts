import { createRequire } from 'node:module';
import { openNativeDatagrams } from './native-datagrams.ts';
import type { NativeSockets } from './native-sockets.ts';

/** Sends a datagram to itself through the add-on named on the command line. */
const native = createRequire(import.meta.url)(process.argv[2] ?? '') as NativeSockets;
const socket = openNativeDatagrams(
  native,
  { host: '127.0.0.1', port: 0 },
  { recvBufferSize: 65_536, sendBufferSize: 65_536 },
);
await new Promise<void>((resolve) => {
  console.log(socket.local);
  resolve();
});
await socket.close();
