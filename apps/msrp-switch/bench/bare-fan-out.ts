import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** The baseline: sockets and nothing else. What the one who says `S` sends goes to all who said `R`. */
export interface BareFanOut extends Disposable {
  readonly port: number;
}

/** @param messageOctets - with it, one write per message; without, one per read */
export async function startBareFanOut(messageOctets?: number): Promise<BareFanOut> {
  const recipients: Socket[] = [];
  const fanOut = (bytes: Buffer): void => {
    const step = messageOctets ?? bytes.length;
    for (let at = 0; at < bytes.length; at += step) {
      const part = bytes.subarray(at, at + step);
      for (const recipient of recipients) recipient.write(part);
    }
  };
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', (greeting: Buffer) => {
      if (greeting[0] === 0x52) recipients.push(socket);
      else socket.on('data', fanOut);
      socket.write('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port, // a TCP server that listens has one
    [Symbol.dispose]() {
      server.close();
    },
  };
}
