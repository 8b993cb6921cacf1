import { seededRandom } from '@parley/testing';
import type { RawGuest } from '../../scenarios/support/raw-guest.ts';
import { openWire } from '../../scenarios/support/wire.ts';

const random = seededRandom(4975);

/** Octets that are no MSRP, and octets that nearly are. */
function garbage(): readonly Buffer[] {
  const noise = Buffer.from(random.bytes(2000));
  return [
    noise,
    Buffer.from(`MSRP ${'x'.repeat(30_000)}`),
    Buffer.from('MSRP abcd1234 SEND\r\nTo-Path: msrp://a:1/b;tcp\r\nX\r\n\r\n'),
    Buffer.concat([Buffer.from('MSRP abcd1234 SEND\r\n'), noise, Buffer.from('\r\n-------abcd1234$\r\n')]),
  ];
}

/** Stops reading what it is sent, for ever. */
export function stopReading({ wire }: RawGuest): void {
  wire.socket.pause();
}

/** Takes some kilobytes now and then, until it is told to stop. */
export function readSlowly({ wire: { socket } }: RawGuest): () => void {
  socket.pause();
  const timer = setInterval(() => {
    socket.resume();
    setImmediate(() => socket.pause());
  }, 100);
  return () => {
    clearInterval(timer);
  };
}

/** Sends what nobody understands: within its session, and over connections that have none. */
export async function sendGarbage({ wire, send }: RawGuest, port: number): Promise<void> {
  send('MSRP nonsense1 SEND\nMessage-ID: x\nByte-Range: 9-1/0\nContent-Type: ;\n\n\u0000\u0001\n-------nonsense1$\n');
  send('MSRP nonsense2 REPORT\nStatus: 000\n-------nonsense2$\n');
  await wire.receives(/MSRP nonsense1 400/);
  for (const octets of garbage()) {
    const stranger = await openWire(port);
    stranger.write(octets);
    stranger.socket.end();
  }
}

/** Begins a chunk and breaks off in the middle of it, connection and all. */
export function breakOff({ wire, send }: RawGuest, room: string, from: string): void {
  const head = `From: <${from}>\nTo: <${room}>\n\nContent-Type: text/plain\n\n`;
  send(
    `MSRP broken123 SEND\nMessage-ID: broken-off\nByte-Range: 1-*/900000\nContent-Type: message/cpim\n\n${head}${'z'.repeat(5000)}`,
  );
  setImmediate(() => wire.socket.destroy());
}
