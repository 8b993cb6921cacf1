import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { serialise } from '@parley/sip';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenTls, listenWebSocket, watchTlsFiles } from '../../src/node/index.ts';
import type { TlsIdentity } from '../../src/node/index.ts';
import { selfSigned } from './self-signed.ts';
import { Heard, messageRequest } from './support.ts';

const anywhere = { host: '127.0.0.1', port: 0 };
let directory: string;
let files: { readonly cert: string; readonly key: string };
let identity: TlsIdentity;
const failures: unknown[] = [];

async function write(subject: string): Promise<void> {
  const { cert, key } = selfSigned([], subject);
  await writeFile(files.key, key);
  await writeFile(files.cert, cert);
}

async function shake(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
}

async function subjectAt(port: number): Promise<string> {
  const socket = await shake(port);
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

/** Waits until another certificate was read. */
async function renewed(): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = identity.onChange(() => {
      cancel();
      resolve();
    });
  });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-reload-'));
  files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  await write('first');
  identity = await watchTlsFiles(files, { interval: 20, onFailure: (error) => failures.push(error) });
});

afterEach(async () => {
  identity[Symbol.dispose]();
  await rm(directory, { recursive: true });
});

describe('A certificate whose file changes', () => {
  it('is shown to new connections over TLS and WebSocket, and old ones go on', async () => {
    const heard = new Heard();
    await using tls = await listenTls(anywhere, identity, heard.options);
    await using wss = await listenWebSocket(anywhere, { ...heard.options, identity });
    const ports = [tls.local.port, wss.local.port];
    expect(await Promise.all(ports.map(subjectAt))).toEqual(['first', 'first']);
    const old = await shake(tls.local.port);
    const changed = renewed();
    await write('second');
    await changed;
    expect(await Promise.all(ports.map(subjectAt))).toEqual(['second', 'second']);
    old.write(serialise(messageRequest()));
    expect((await heard.message()).message.kind).toBe('request');
    old.destroy();
  });

  it('stays the old one while the files are no pair', async () => {
    await using tls = await listenTls(anywhere, identity, new Heard().options);
    await writeFile(files.cert, 'no certificate');
    while (failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await subjectAt(tls.local.port)).toBe('first');
    const changed = renewed();
    await write('third');
    await changed;
    expect(await subjectAt(tls.local.port)).toBe('third');
  });
});
