import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A contact of somebody who is believed: no digest is asked for. */
export interface ContactRegistration {
  readonly address: string;
  /** `host:port`, reached over UDP. */
  readonly contact: string;
}

/** Registers a contact over UDP, where nobody has to prove who he is. @throws Error when it is not accepted */
export async function registerContact(port: number, { address, contact }: ContactRegistration): Promise<void> {
  const [user = '', domain = ''] = address.split('@');
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  try {
    const own = `127.0.0.1:${socket.address().port}`;
    const lines = [
      `REGISTER sip:${domain} SIP/2.0`,
      `Via: SIP/2.0/UDP ${own};rport;branch=z9hG4bK${user}`,
      `From: <sip:${address}>;tag=r`,
      `To: <sip:${address}>`,
      `Call-ID: register-${user}-${socket.address().port}`,
      'CSeq: 1 REGISTER',
      'Max-Forwards: 70',
      `Contact: <sip:${user}@${contact}>;expires=600`,
      'Content-Length: 0',
    ];
    socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, '127.0.0.1');
    // Only datagrams come here.
    const [answer] = (await once(socket, 'message')) as [Buffer];
    if (!answer.toString().startsWith('SIP/2.0 200')) throw new Error(`not registered: ${answer.toString()}`);
  } finally {
    socket.close();
  }
}
