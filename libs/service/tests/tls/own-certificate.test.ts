import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { unwrap } from '@parley/prelude';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownCertificate, parleySettings } from '../../src/index.ts';

const day = 86_400_000;

describe('The certificate of an installation without one', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-tls-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const settings = (more: Record<string, string> = {}): Parameters<typeof ownCertificate>[0] =>
    unwrap(parleySettings({ PARLEY_DATA_DIR: folder, ...more }));

  it('names the domain, the chat domain and the addresses (RFC 5922 §4), and OpenSSL takes it with its key', async () => {
    const { cert, key } = await ownCertificate(settings(), Date.now());
    const certificate = new X509Certificate(await readFile(cert));
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkHost('chat.localhost')).toBe('chat.localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    const [certPem, keyPem] = [await readFile(cert), await readFile(key)];
    expect(() => createSecureContext({ cert: certPem, key: keyPem })).not.toThrow();
  });

  it('is kept from start to start, and made anew when it ends soon or lacks a name', async () => {
    const now = Date.now();
    const read = async (files: { cert: string }): Promise<string> => await readFile(files.cert, 'utf8');
    const first = await read(await ownCertificate(settings(), now));
    expect(await read(await ownCertificate(settings(), now + 300 * day))).toBe(first);
    const renamed = await read(await ownCertificate(settings({ PARLEY_DOMAIN: 'example.com' }), now));
    expect(renamed).not.toBe(first);
    expect(await read(await ownCertificate(settings({ PARLEY_DOMAIN: 'example.com' }), now + 380 * day))).not.toBe(
      renamed,
    );
  });

  it('is one for all who start at once', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => ownCertificate(settings(), Date.now())));
    expect(new Set(all.map(({ cert }) => cert)).size).toBe(1);
    const pem = await readFile(all[0]?.cert ?? '');
    expect(new X509Certificate(pem).checkPrivateKey(createPrivateKey(pem))).toBe(true);
  });

  it('is the one that the settings name, where they do', async () => {
    const files = await ownCertificate(settings(), Date.now());
    const given = settings({ PARLEY_DATA_DIR: '/nowhere', PARLEY_TLS_CERT: files.cert, PARLEY_TLS_KEY: files.key });
    expect(await ownCertificate(given, Date.now())).toEqual(files);
  });
});
