import { once } from 'node:events';
import { connect } from 'node:net';
import type { ParleySettings } from '@parley/service';
import * as v from 'valibot';
import { findNatsServer } from '../../launcher/nats/find-nats-server.ts';
import { finding, reasonOf } from './finding.ts';
import type { Finding } from './finding.ts';

/** Milliseconds that a server may take to say who it is. */
const patience = 3_000;

const greeting = v.object({ version: v.string(), jetstream: v.optional(v.boolean(), false), max_payload: v.number() });

/** Whether there is a NATS to use: the one that the settings name, else a server that `npm start` can run. */
export async function checkNats({ natsUrls, maxSize }: ParleySettings): Promise<readonly Finding[]> {
  if (natsUrls.length > 0) return await Promise.all(natsUrls.map((url) => checkServer(url, maxSize)));
  const path = findNatsServer(process.env['PATH'] ?? '');
  if (path !== undefined) return [finding('nats', 'ok', `npm start runs ${path}`)];
  const advice = 'install nats-server (Debian: apt-get install nats-server), or set PARLEY_NATS_URL to one that runs';
  return [finding('nats', 'problem', 'no nats-server on this machine', advice)];
}

async function checkServer(url: string, maxSize: number): Promise<Finding> {
  const { hostname, port, protocol } = new URL(url);
  if (protocol === 'ws:' || protocol === 'wss:') return finding('nats', 'note', `${url} is not looked into`);
  try {
    const { version, jetstream, max_payload: payload } = await greetingOf(hostname, Number(port === '' ? 4222 : port));
    const found = `${url}: version ${version}`;
    if (!jetstream) return finding('nats', 'problem', `${found}, without JetStream`, 'start nats-server with -js');
    return payload > maxSize + 65_536
      ? finding('nats', 'ok', found)
      : finding(
          'nats',
          'problem',
          `${found}, max_payload ${payload}`,
          `set its max_payload above PARLEY_MAX_SIZE (${maxSize}) and 64 KiB`,
        );
  } catch (error) {
    return finding('nats', 'problem', `${url}: ${reasonOf(error)}`, 'start it, or set PARLEY_NATS_URL to where it is');
  }
}

/** What a server says first: INFO and JSON. */
async function greetingOf(host: string, port: number): Promise<v.InferOutput<typeof greeting>> {
  const socket = connect({ host, port });
  try {
    const [octets] = (await once(socket, 'data', { signal: AbortSignal.timeout(patience) })) as [Buffer];
    const text = octets.toString('utf8');
    return v.parse(greeting, JSON.parse(text.slice(text.indexOf('{'), text.indexOf('\r\n'))));
  } finally {
    socket.destroy();
  }
}
