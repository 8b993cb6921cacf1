import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';
import { parsePath } from '@parley/msrp';
import { unwrap } from '@parley/prelude';
import { ownCertificate } from '@parley/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf, isAnnounced, ownFingerprint } from '../src/connection/fingerprint.ts';
import { defaultSwitchLimits } from '../src/limits.ts';
import type { HouseOptions, Offer } from './support/house.ts';
import { House } from './support/house.ts';
import { Peer } from './support/peer.ts';

/** A certificate of a peer that signed itself, for 127.0.0.1. */
interface Identity {
  readonly file: string;
  readonly pem: string;
  readonly fingerprint: string;
}

/** For those who are left: the others have the time that a busy machine needs. */
const impatient = { limits: { ...defaultSwitchLimits, bindTime: 1000 } };
let folder: string;
let own: Identity;
let other: Identity;

async function identity(name: string): Promise<Identity> {
  const host = '127.0.0.1';
  const names = { domain: name, domainAliases: [], chatDomain: `chat.${name}`, host, publicHost: host };
  const { cert: file } = await ownCertificate({ tls: undefined, dataDir: join(folder, name), ...names }, Date.now());
  const pem = await readFile(file, 'utf8');
  return { file, pem, fingerprint: fingerprintOf(new X509Certificate(pem).raw) };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-tls-peers-'));
  [own, other] = [await identity('own.example.com'), await identity('other.example.com')];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a=fingerprint (RFC 8122 §5)', () => {
  it('is the hash of the certificate, in upper-case hexadecimal', () => {
    expect(own.fingerprint).toMatch(/^sha-256 [0-9A-F]{2}(:[0-9A-F]{2}){31}$/);
    expect(`sha-256 ${new X509Certificate(own.pem).fingerprint256}`).toBe(own.fingerprint);
    expect(ownFingerprint(own.pem)).toBe(own.fingerprint);
  });

  it('is compared by the strongest hash function announced, one of several certificates being enough', () => {
    const { raw, fingerprint } = new X509Certificate(own.pem);
    expect(isAnnounced(raw, [`SHA-1 ${fingerprint.toLowerCase()}`])).toBe(true);
    expect(isAnnounced(raw, [other.fingerprint, own.fingerprint])).toBe(true);
    expect(isAnnounced(raw, [`sha-1 ${fingerprint}`, other.fingerprint])).toBe(false);
    expect(isAnnounced(raw, [])).toBe(false);
  });

  it('proves nothing by a hash function that is broken or unknown', () => {
    expect(isAnnounced(new X509Certificate(own.pem).raw, ['md5 00:11', 'frob 00'])).toBe(false);
  });
});

describe('A peer that waits for us, msrps (RFC 4975 §5.4, §14.4; RFC 6135 §4.2: setup:active)', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    server = createServer({ cert: own.pem, key: own.pem });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  /** Has a switch connect to the peer; resolves with what the focus is told of it. */
  async function called(fingerprints: readonly string[], options: HouseOptions = {}): Promise<string> {
    await using house = await House.open(options);
    const sockets: TLSSocket[] = [];
    const fromPath = `msrps://127.0.0.1:${port}/peer;tcp`;
    const answerBind = (socket: TLSSocket): void => {
      sockets.push(socket);
      const peer = new Peer(socket, 'msrps://switch.invalid:1/s;tcp', fromPath);
      socket.on('data', () => {
        for (const received of peer.requests.splice(0)) void peer.respond(received, 200).catch(() => {});
      });
    };
    server.on('secureConnection', answerBind);
    const setup = {
      setup: 'active',
      scheme: 'msrps',
      peerPath: [fromPath],
      fingerprints: { items: [...fingerprints] },
    };
    await house.offer('waiter', setup);
    const told = await Promise.race([
      house.hasTold('participantBound', 'waiter'),
      house.hasTold('participantLost', 'waiter'),
    ]);
    server.off('secureConnection', answerBind);
    for (const socket of sockets) socket.destroy();
    return told.command?.kind ?? '';
  }

  it('is bound when its certificate is the announced one, though nobody vouches for it', async () => {
    expect(await called([own.fingerprint])).toBe('participantBound');
  });

  it('MUST be left when its certificate is another than the announced one', async () => {
    expect(await called([other.fingerprint], impatient)).toBe('participantLost');
  });

  it('is left when nothing is announced and nobody vouches for it', async () => {
    expect(await called([], impatient)).toBe('participantLost');
  });

  it('is bound when an authority vouches for its name', async () => {
    expect(await called([], { environment: { PARLEY_TLS_CA: own.file } })).toBe('participantBound');
  });
});

describe('A peer that connects, msrps (RFC 4975 §14.4)', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.open();
  });
  afterAll(() => house[Symbol.asyncDispose]());

  const offerTo = (name: string): Promise<Offer> =>
    house.offer(name, { scheme: 'msrps', fingerprints: { items: [own.fingerprint] } });

  async function bind(offer: Offer, shown?: Identity): Promise<number> {
    const { port = 0 } = unwrap(parsePath(offer.toPath, 1)).first;
    const certificate = shown === undefined ? {} : { cert: shown.pem, key: shown.pem };
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...certificate });
    await once(socket, 'secureConnect');
    return await house.adopt(new Peer(socket, offer.toPath, offer.fromPath)).bind();
  }

  it('is bound by the certificate that it announced, or without showing one', async () => {
    expect(await bind(await offerTo('with'), own)).toBe(200);
    expect(await bind(await offerTo('without'))).toBe(200);
  });

  it('MUST lose its session when it shows another certificate', async () => {
    expect(await bind(await offerTo('thief'), other)).toBe(403);
    const { command } = await house.hasTold('participantLost', 'thief');
    expect(command).toMatchObject({ value: { reason: 'its certificate is not the announced one' } });
  });

  it('is told the fingerprint of our certificate, which signed itself', async () => {
    const value = house.openCommand('curious', { scheme: 'msrps' });
    const outcome = await house.command({ kind: 'open', value });
    if (outcome?.kind !== 'opened') throw new Error('refused');
    const { port = 0 } = unwrap(parsePath(outcome.value.path[0] ?? '', 1)).first;
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate();
    socket.destroy();
    expect(outcome.value.fingerprints?.items).toEqual([certificate && fingerprintOf(certificate.raw)]);
  });
});
