import { decodeUtf8, encodeUtf8 } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { readRaw } from '@parley/sip';
import { freePorts } from '@parley/testing';
import { createNodeUserAgent } from '@parley/ua/node';
import type { NodeUserAgent } from '@parley/ua/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startKamailio } from './support/kamailio.ts';
import type { Kamailio } from './support/kamailio.ts';
import { startPhone } from './support/phone.ts';
import { playSipp, waitInSipp } from './support/sipp.ts';
import { hasTool } from './support/tool.ts';
import { ask } from './support/wire.ts';

const domains = [
  { domain: 'west.example', user: 'zoe', transport: 'udp' },
  { domain: 'east.example', user: 'yan', transport: 'tcp' },
] as const;

/** A user agent that is registered at another domain's server, and the messages that came to it. */
async function startAbroad(server: Kamailio, address: string): Promise<NodeUserAgent & { messages: SipRequest[] }> {
  const messages: SipRequest[] = [];
  const agent = await createNodeUserAgent({
    aor: `sip:${address}`,
    password: 'none',
    server: { protocol: 'TCP', address: '127.0.0.1', port: server.port },
    onMessage: (request: SipRequest) => {
      messages.push(request);
      return { status: 200 };
    },
  });
  await agent.register({ expires: 600 });
  return Object.assign(agent, { messages });
}

const text = (body: string) => ({ contentType: 'text/plain', body: encodeUtf8(body) });

describe.skipIf(!hasTool('kamailio') || !hasTool('sipp'))('Two Kamailio servers as other domains', () => {
  let parley: Installation;
  const servers = new Map<string, Kamailio>();

  beforeAll(async () => {
    const ports = await freePorts(domains.length);
    const peers = domains.map(
      ({ domain, transport }, i) => `${domain}=sip:127.0.0.1:${ports[i]};transport=${transport}`,
    );
    parley = await startParley({ PARLEY_FEDERATION: 'peers', PARLEY_PEERS: peers.join(',') });
    const started = domains.map(async ({ domain, transport }, i) => {
      const onward = `127.0.0.1:${parley.ports.sip};transport=${transport}`;
      servers.set(domain, await startKamailio({ port: ports[i] ?? 0, domain, onward }));
    });
    await Promise.all(started);
  });
  afterAll(async () => {
    await Promise.all([...servers.values()].map((server) => server[Symbol.asyncDispose]()));
    await parley[Symbol.asyncDispose]();
  });

  function serverOf(domain: string): Kamailio {
    const server = servers.get(domain);
    if (server === undefined) throw new Error(`no server of ${domain}`);
    return server;
  }

  it.each(domains)('exchange messages with $domain over $transport, both ways', async ({ domain, user }) => {
    await using alice = await startPhone(parley.ports, 'alice');
    await using abroad = await startAbroad(serverOf(domain), `${user}@${domain}`);
    expect((await alice.send(`sip:${user}@${domain}`, 'out')).statusCode).toBe(200);
    expect(abroad.messages.map(({ body }) => decodeUtf8(body))).toEqual(['out']);
    expect((await abroad.sendMessage('sip:alice@localhost', text('in'))).statusCode).toBe(200);
    expect(alice.texts).toEqual(['in']);
    expect((await alice.send(`sip:nobody@${domain}`, 'out')).statusCode).toBe(404);
    expect((await abroad.sendMessage('sip:nobody@localhost', text('in'))).statusCode).toBe(404);
  });

  it('keep what comes from abroad for who is away (RFC 3428 §7)', async () => {
    await using zoe = await startAbroad(serverOf('west.example'), 'zoe@west.example');
    expect((await zoe.sendMessage('sip:carol@localhost', text('later'))).statusCode).toBe(202);
    await using carol = await startPhone(parley.ports, 'carol');
    await expect.poll(() => carol.texts).toEqual(['later']);
  });

  it('are not relayed from the one to the other', async () => {
    await using zoe = await startAbroad(serverOf('west.example'), 'zoe@west.example');
    const answer = await zoe.sendMessage('sip:yan@east.example', text('through'));
    expect([answer.statusCode, readRaw(answer, 'Warning')]).toEqual([403, expect.stringContaining('other domains')]);
  });

  it.each(domains)(
    'let calls to $domain pass over $transport, with re-INVITE and BYE (RFC 3261 §12, §14)',
    async (far) => {
      const { domain, user } = far;
      const transport = far.transport === 'udp' ? 'u1' : 't1';
      await using callee = await waitInSipp('callee', transport);
      await registerAbroad(serverOf(domain), `${user}@${domain}`, `${callee.port};transport=${far.transport}`);
      const call = ['-key', 'from', 'bob@localhost', '-key', 'to', `${user}@${domain}`, '-au', 'bob', '-ap', 'secret'];
      const { code, stderr } = await playSipp('caller', parley.ports.sip, ['-t', transport, ...call]);
      expect([code, await callee.ended, stderr]).toEqual([0, 0, expect.anything()]);
    },
  );

  it.each(domains)('let calls from $domain pass over $transport', async ({ domain, user, transport }) => {
    await using callee = await waitInSipp('callee');
    const contact = ['-s', 'bob', '-au', 'bob', '-ap', 'secret', '-key', 'contact', `127.0.0.1:${callee.port}`];
    expect((await playSipp('register', parley.ports.sip, contact)).code).toBe(0);
    const call = ['-key', 'from', `${user}@${domain}`, '-key', 'to', 'bob@localhost'];
    const over = ['-t', transport === 'udp' ? 'u1' : 't1'];
    const { code, stderr } = await playSipp('caller', serverOf(domain).port, [...over, ...call]);
    expect([code, await callee.ended, stderr]).toEqual([0, 0, expect.anything()]);
  });
});

/** Registers a contact that nobody has to prove. */
async function registerAbroad(server: Kamailio, address: string, contact: string): Promise<void> {
  const domain = address.split('@')[1] ?? '';
  const answer = await ask(server.port, {
    method: 'REGISTER',
    uri: `sip:${domain}`,
    lines: {
      From: `<sip:${address}>;tag=r`,
      To: `<sip:${address}>`,
      Contact: `<sip:callee@127.0.0.1:${contact}>`,
      Expires: '600',
    },
  });
  expect(answer.status).toBe(200);
}
