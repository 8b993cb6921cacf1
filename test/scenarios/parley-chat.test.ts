import { join } from 'node:path';
import { startChild } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Installation } from './support/installation.ts';
import { root, startParley } from './support/installation.ts';
import { makeHome, startInteractive } from './support/interactive.ts';
import type { Interactive } from './support/interactive.ts';

let parley: Installation;
beforeAll(async () => {
  parley = await startParley();
});
afterAll(async () => {
  await parley[Symbol.asyncDispose]();
});

const binary = join(root, 'apps/parley/bin/parley.mjs');

async function chat(...words: readonly string[]): Promise<Interactive> {
  const command = [`PARLEY_DATA_DIR=${parley.dataDir}`, process.execPath, binary, 'chat', ...words];
  return startInteractive(await makeHome('chat'), 'env', [...command, '--password', 'secret']);
}

async function api(method: string, path: string, body?: unknown): Promise<number> {
  const headers = { authorization: `Bearer ${parley.token}`, 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${parley.ports.http}/api/v1${path}`;
  const { status } = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return status;
}

describe('parley chat', () => {
  it('joins a room from a terminal: welcome, what others say, private words, who comes and goes', async () => {
    expect(await api('POST', '/rooms', { name: 'lobby', welcome: 'Good day' })).toBe(201);
    await using alice = await chat('lobby', '--from', 'alice', '--nickname', 'Cook');
    await alice.printed(/lobby@chat\.localhost: Good day\n[^]*\* joined sip:lobby@chat\.localhost\n/);
    await using bob = await chat('sip:lobby@chat.localhost', '--from', 'bob', '--json');
    await bob.printed(/"event":"joined"/);
    await alice.printed(/\* sip:bob@localhost came\n/);

    await alice.type('Dinner at seven');
    await bob.printed(
      /^\{"event":"message","from":"sip:alice@localhost","nickname":"Cook",.*"text":"Dinner at seven","private":false\}$/m,
    );
    await bob.type('/to alice Not for me');
    await alice.printed(/^sip:bob@localhost \(private\): Not for me$/m);

    for (const line of ['/to alice', ' /to\talice Nor this', '/to nobody Hello']) await bob.type(line);
    await bob.printed(/expected \/to WHOM TEXT/);
    await alice.printed(/^sip:bob@localhost \(private\): Nor this$/m);
    await bob.printed(/not delivered: 427/);
    await bob.type('/nick Cook');
    await bob.printed(/MSRP 423/);
    await bob.type('/leave');
    await alice.printed(/\* sip:bob@localhost left\n/);

    expect(await api('DELETE', '/rooms/lobby')).toBe(204);
    await alice.printed(/parley: ended by the room/);
  });

  it('says what comes from a pipe, the password first, and ends with it', async () => {
    const script = `printf 'secret\\nfirst\\nsecond\\n' | "$0" "$1" chat pipe --from carol`;
    const env = { PARLEY_DATA_DIR: parley.dataDir };
    await using child = startChild('sh', ['-c', script, process.execPath, binary], { cwd: parley.dataDir, env });
    expect((await child.exited).code).toBe(0);
    expect(child.stdout).toMatch(/\* joined sip:pipe@chat\.localhost\n/);
  });

  it('ends with 1 where the room refuses', async () => {
    const words = ['chat', 'pipe', '--from', 'carol', '--password', 'wrong'];
    const env = { PARLEY_DATA_DIR: parley.dataDir };
    await using child = startChild(process.execPath, [binary, ...words], { cwd: parley.dataDir, env });
    expect((await child.exited).code).toBe(1);
    expect(child.stderr).toBe('parley: not in the room: INVITE was answered 401 Unauthorized\n');
  });
});
