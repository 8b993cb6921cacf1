import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startPhone } from './support/phone.ts';
import { hasTool, runTool } from './support/tool.ts';

/** What sipsak sends; it adds its Via, and credentials when it is asked for them. */
const message = (callId: string, text: string): string =>
  [
    'MESSAGE sip:bob@localhost SIP/2.0',
    'From: <sip:alice@localhost>;tag=sipsak',
    'To: <sip:bob@localhost>',
    `Call-ID: ${callId}`,
    'CSeq: 1 MESSAGE',
    'Max-Forwards: 70',
    'Content-Type: text/plain',
    `Content-Length: ${text.length}`,
    '',
    text,
  ].join('\n');

/** A request in a file of the installation, for sipsak to send. */
async function requestFile({ dataDir }: Installation, name: string, text: string): Promise<string> {
  const file = join(dataDir, `${name}.sip`);
  await writeFile(file, message(name, text));
  return file;
}

describe.skipIf(!hasTool('sipsak'))('sipsak', () => {
  let parley: Installation;
  const server = (): string[] => ['-p', `127.0.0.1:${parley.ports.sip}`];

  beforeAll(async () => {
    parley = await startParley();
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it('hears 200 to OPTIONS for the server itself (RFC 3261 §11)', async () => {
    const { code, stdout } = await runTool('sipsak', ['-vv', ...server(), '-s', 'sip:localhost']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('SIP/2.0 200 OK')]);
  });

  it('registers with digest, and finds the binding again', async () => {
    const account = ['-U', '-i', '-a', 'secret', '-u', 'carol', ...server(), '-s', 'sip:carol@localhost'];
    const registered = await runTool('sipsak', [...account, '-C', 'sip:carol@127.0.0.1:9', '-x', '600']);
    expect(registered).toMatchObject({ code: 0 });
    const asked = await runTool('sipsak', [...account, '-C', 'empty', '-vvv']);
    expect(asked.stdout).toContain('Contact: <sip:carol@127.0.0.1:9>');
  });

  it('sends a MESSAGE with digest to a registered user and hears 200 (RFC 3428 §4)', async () => {
    await using bob = await startPhone(parley.ports, 'bob');
    const file = await requestFile(parley, 'digest', 'Hello Bob');
    const sent = await runTool('sipsak', [
      '-f',
      file,
      '-a',
      'secret',
      '-u',
      'alice',
      ...server(),
      '-s',
      'sip:bob@localhost',
      '-vv',
    ]);
    expect([sent.code, bob.texts]).toEqual([0, ['Hello Bob']]);
  });

  it('fails with a wrong password', async () => {
    const file = await requestFile(parley, 'wrong', 'Hello Bob');
    const sent = await runTool('sipsak', [
      '-f',
      file,
      '-a',
      'guess',
      '-u',
      'alice',
      ...server(),
      '-s',
      'sip:bob@localhost',
    ]);
    expect(sent.code).not.toBe(0);
  });
});
