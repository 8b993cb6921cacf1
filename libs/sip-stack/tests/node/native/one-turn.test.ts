import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createResponseTo, serialise } from '@parley/sip';
import type { SipMessage, SipRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { listenTcp, listenUdp } from '../../../src/node/index.ts';
import { Heard, messageRequest, socketKinds } from '../support.ts';

const native = socketKinds.find((kind) => kind.native !== undefined)?.native;
const anywhere = { host: '127.0.0.1', port: 0 };

// Without a C compiler there is nothing to be tested.
if (native !== undefined) {
  /** The add-on, noting when it hands something to the kernel; and a listener's options that answer, noting the next turn. */
  function noting(order: string[]) {
    const heard = new Heard();
    heard.reply = (message, flow) => {
      setImmediate(() => order.push('next turn'));
      flow.send(createResponseTo(message as SipRequest, 200));
    };
    const spied: typeof native = {
      ...native!,
      sendDatagrams: (handle, first, end) => {
        order.push('sent');
        return native!.sendDatagrams(handle, first, end);
      },
      writeStreams: (handle, entries) => {
        order.push('sent');
        return native!.writeStreams(handle, entries);
      },
    };
    return { ...heard.options, native: spied };
  }

  describe('what is sent while a batch is heard', () => {
    it('leaves before another turn of the event loop, over UDP', async () => {
      const order: string[] = [];
      await using listener = await listenUdp(anywhere, noting(order));
      const peer = createSocket('udp4');
      const answered = once(peer, 'message');
      peer.send(serialise(messageRequest()), listener.local.port, '127.0.0.1');
      await answered;
      peer.close();
      expect(order).toEqual(['sent', 'next turn']);
    });

    it('leaves before another turn of the event loop, over TCP', async () => {
      const order: string[] = [];
      await using listener = await listenTcp(anywhere, noting(order));
      const peer = connect(listener.local.port, '127.0.0.1');
      const answered = once(peer, 'data');
      peer.write(serialise(messageRequest()));
      await answered;
      peer.destroy();
      expect(order).toEqual(['sent', 'next turn']);
    });
  });

  describe('octets that came', () => {
    it('stay as they are for whoever keeps them, whatever comes later', async () => {
      const kept: SipMessage[] = [];
      const heard = new Heard();
      heard.reply = (message, flow) => {
        kept.push(message);
        flow.send(createResponseTo(message as SipRequest, 200));
      };
      await using listener = await listenUdp(anywhere, { ...heard.options, native });
      const peer = createSocket('udp4');
      const bodies = Array.from({ length: 300 }, (_, i) => `${i} `.repeat(1 + ((i * 37) % 400)));
      for (const body of bodies) {
        const answered = once(peer, 'message');
        peer.send(serialise(messageRequest({ body: Buffer.from(body) })), listener.local.port, '127.0.0.1');
        await answered;
      }
      peer.close();
      expect(kept.map(({ body }) => Buffer.from(body).toString())).toEqual(bodies);
    });
  });
}
