import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startPhone } from './support/phone.ts';
import { hasTool, runTool } from './support/tool.ts';

/** A whole request: sipsak adds nothing but its Via. */
const message = `MESSAGE sip:bob@localhost SIP/2.0
From: <sip:alice@localhost>;tag=sipsak
To: <sip:bob@localhost>
Call-ID: simple@sipsak
CSeq: 1 MESSAGE
Max-Forwards: 70
Content-Type: text/plain
Content-Length: 9

Hello Bob`;

describe('A trusted lab, with PARLEY_AUTH=none', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley({ PARLEY_AUTH: 'none' });
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it.skipIf(!hasTool('sipsak'))('lets sipsak send a MESSAGE without a challenge', async () => {
    await using bob = await startPhone(parley.ports, 'bob');
    const file = join(parley.dataDir, 'message.sip');
    await writeFile(file, message);
    const server = `127.0.0.1:${parley.ports.sip}`;
    const { code, stdout } = await runTool('sipsak', ['-f', file, '-p', server, '-s', 'sip:bob@localhost', '-vvv']);
    expect([code, bob.texts]).toEqual([0, ['Hello Bob']]);
    expect(stdout).not.toContain('authorizing');
  });

  it('makes an account for who comes without one, and has none for who never came', async () => {
    await using eve = await startPhone(parley.ports, 'eve');
    expect((await eve.send('sip:alice@localhost', 'let me in')).statusCode).toBe(202);
    expect((await eve.send('sip:mallory@localhost', 'are you here?')).statusCode).toBe(404);
  });
});
