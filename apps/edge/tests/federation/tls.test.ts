import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@parley/prelude';
import { ownCertificate, parleySettings } from '@parley/service';
import { readRaw, readRawAll } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { freePorts } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const domains = ['west.example', 'east.example', 'south.example'] as const;
type Domain = (typeof domains)[number];

describe('Domains that meet over TLS (RFC 5922 §7, RFC 5923)', () => {
  let folder: string;
  const edges = new Map<Domain, TestEdge>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-domains-'));
    const ports = await freePorts(domains.length);
    const certificates = await Promise.all(
      domains.map((domain) => {
        const dataDir = join(folder, domain);
        return ownCertificate(unwrap(parleySettings({ PARLEY_DOMAIN: domain, PARLEY_DATA_DIR: dataDir })), Date.now());
      }),
    );
    const authorities = join(folder, 'authorities.pem');
    const texts = await Promise.all(certificates.map(({ cert }) => readFile(cert, 'utf8')));
    await writeFile(authorities, texts.map((text) => text.slice(0, text.indexOf('-----BEGIN PRIVATE'))).join('\n'));
    // Whoever asks for south.example is sent to the server of east.example, which has no certificate for it.
    const places = { 'west.example': ports[0], 'east.example': ports[1], 'south.example': ports[1] };
    for (const [i, domain] of domains.entries()) {
      const others = domains.filter((other) => other !== domain);
      edges.set(
        domain,
        await startTestEdge({
          env: {
            PARLEY_DOMAIN: domain,
            PARLEY_SIPS_PORT: String(ports[i]),
            PARLEY_TLS_CERT: certificates[i]?.cert ?? '',
            PARLEY_TLS_KEY: certificates[i]?.key ?? '',
            PARLEY_TLS_CA: authorities,
            PARLEY_FEDERATION: 'peers',
            PARLEY_PEERS: others.map((other) => `${other}=sip:127.0.0.1:${places[other]};transport=tls`).join(','),
          },
        }),
      );
    }
  });
  afterAll(async () => {
    await Promise.all([...edges.values()].map((edge) => edge[Symbol.asyncDispose]()));
    await rm(folder, { recursive: true, force: true });
  });

  async function phoneAt(domain: Domain, user: string): Promise<Phone> {
    return await Phone.tcp(edges.get(domain)?.port ?? 0, user, 'secret', domain);
  }

  async function exchange(from: Phone, to: Phone, uri: string): Promise<[SipResponse, string]> {
    const asked = from.message(uri);
    const message = await to.incoming();
    to.answer(message, 200);
    return [await asked, readRawAll(message, 'Via').join(', ')];
  }

  it('exchange messages both ways, each proved by the certificate of its domain', async () => {
    await using alice = await phoneAt('west.example', 'alice');
    await using bob = await phoneAt('east.example', 'bob');
    await alice.register();
    await bob.register();
    const [out, vias] = await exchange(alice, bob, 'sip:bob@east.example');
    expect([out.statusCode, vias]).toEqual([200, expect.stringMatching(/SIP\/2\.0\/TLS [^,]*;alias/)]);
    const [back] = await exchange(bob, alice, 'sip:alice@west.example');
    expect(back.statusCode).toBe(200);
    const [secure] = await exchange(alice, bob, 'sip:bob@east.example');
    expect(secure.statusCode).toBe(200);
  });

  it('send nothing to a server that does not prove the domain', async () => {
    await using alice = await phoneAt('west.example', 'alice');
    const answer = await alice.message('sip:bob@south.example');
    expect([answer.statusCode, readRaw(answer, 'Warning')]).toEqual([480, expect.stringContaining('certificate')]);
  });
});
