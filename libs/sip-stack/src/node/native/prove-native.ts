/* Sends a message to itself over UDP and TCP through the add-on named on the command line; exits with 1 where that fails. */
import { createRequire } from 'node:module';
import { createRequest } from '@parley/sip';
import type { FlowObserver } from '../../flow.ts';
import { createConnector } from '../connector.ts';
import { listenTcp } from '../listen-tcp.ts';
import { listenUdp } from '../listen-udp.ts';
import type { NativeSockets } from './native-sockets.ts';

const given: unknown = createRequire(import.meta.url)(process.argv[2] ?? '');
// Whoever compiled it named it.
const native = given as NativeSockets;
const anywhere = { host: '127.0.0.1', port: 0 };
const message = createRequest({
  method: 'OPTIONS',
  requestUri: 'sip:localhost',
  fields: [['Via', 'SIP/2.0/X localhost']],
});
/** Milliseconds. */
const patience = 30_000;

const came: string[] = [];
const { promise: done, resolve } = Promise.withResolvers<undefined>();
const observer: FlowObserver = {
  onMessage: (_message, flow) => {
    if (came.push(flow.protocol) === 2) resolve(undefined);
  },
  onClosed: () => {},
};
setTimeout(() => process.exit(1), patience).unref();

await using udp = await listenUdp(anywhere, { observer, native });
await using tcp = await listenTcp(anywhere, { observer, native });
await using connector = createConnector({ observer, udp });
connector.flowTo({ protocol: 'UDP', ...udp.local, serverName: '' }).send(message);
connector.flowTo({ protocol: 'TCP', ...tcp.local, serverName: '' }).send(message);
await done;
