import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import type { SipFramer, SipRequest } from '@parley/sip';
import { createSipFramer, readRaw } from '@parley/sip';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasCompiler } from '../load/compiled.ts';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { makeHome } from './support/interactive.ts';
import type { Interactive } from './support/interactive.ts';
import { startLinphone } from './support/linphone.ts';
import { canRecord, record } from './support/recorder.ts';
import type { Recording } from './support/recorder.ts';
import { hasTool } from './support/tool.ts';

/** Lets linphonec's keyboard say that its user types, and has read. */
function keyboard(folder: string): string {
  const library = join(folder, 'keyboard.so');
  const source = join(import.meta.dirname, 'linphone/keyboard.c');
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
  if (status !== 0) throw new Error(String(stderr));
  return library;
}

/** What the server brought to somebody, in order: from whom, and what was in it. */
async function broughtTo(name: string, recording: Recording, server: number): Promise<readonly string[]> {
  const framers = new Map<string, SipFramer>();
  // One that was sent into a connection whose end nobody had noticed yet was sent again, by the same names.
  const messages = new Map<string, string>();
  for (const line of await recording.frames(`tcp.len > 0 and tcp.srcport == ${server}`, 'tcp.stream', 'tcp.payload')) {
    const [stream = '', payload = ''] = line.split('\t');
    const framer = framers.get(stream) ?? createSipFramer();
    framers.set(stream, framer);
    for (const event of framer.push(Buffer.from(payload, 'hex')))
      if (event.kind === 'message' && event.message.kind === 'request' && isMessageTo(name, event.message))
        messages.set(`${nameOf(event.message)} ${shortOf(event.message)}`, shortOf(event.message));
  }
  return [...messages.values()];
}

function nameOf(request: SipRequest): string {
  return ['Call-ID', 'CSeq'].map((field) => readRaw(request, field) ?? '').join(' ');
}

function isMessageTo(name: string, { method, requestUri }: SipRequest): boolean {
  return method === 'MESSAGE' && requestUri.startsWith(`sip:${name}@`);
}

function shortOf(request: SipRequest): string {
  const { body } = request;
  const text = (readRaw(request, 'Content-Encoding') === 'deflate' ? inflateSync(body) : Buffer.from(body)).toString();
  const [, from] = /sip:([^@]+)@/.exec(readRaw(request, 'From') ?? '') ?? [];
  const [, state] =
    /<(delivered|displayed|failed) *\/>|<state>(active|idle)/.exec(text)?.filter((found) => found) ?? [];
  return `${from ?? ''}: ${state ?? text.split('\r\n').at(-1) ?? ''}`;
}

describe.skipIf(!hasTool('linphonec') || !canRecord() || !hasCompiler())(
  'linphonec writes to linphonec, as tshark sees it',
  () => {
    let parley: Installation;
    let recording: Recording;
    let folder: string;
    let library: string;
    beforeAll(async () => {
      folder = await makeHome('keyboard');
      library = keyboard(folder);
      parley = await startParley();
      recording = await record(parley);
    });
    afterAll(async () => {
      await parley[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });

    async function on(name: string): Promise<Interactive> {
      const phone = await startLinphone(parley.ports, name, [], library);
      await eventually(async () => {
        await phone.type('status register');
        await phone.printed(new RegExp(`registered, identity=sip:${name}@localhost`), 500);
      });
      return phone;
    }

    it('delivered and displayed notifications arrive whoever comes on-line first, and is-composing shows (RFC 5438, RFC 3994)', async () => {
      {
        await using bob = await on('bob');
        await using alice = await on('alice');
        await alice.type('chat sip:bob@localhost first');
        await bob.printed(/Message received from .*alice@localhost.*: first/);
        await bob.type('chat sip:alice@localhost /composing');
        await bob.type('chat sip:alice@localhost /read');
        await bob.type('chat sip:alice@localhost seen');
        await alice.printed(/Message received from .*bob@localhost.*: seen/);
        // Bob is away now, and comes when Alice has gone.
        await bob[Symbol.asyncDispose]();
        await alice.type('chat sip:bob@localhost second');
        await eventually(async () => {
          const metrics = await (await fetch(`http://127.0.0.1:${parley.ports.http}/metrics`)).text();
          expect(metrics).toMatch(/parley_messages_total\{outcome="stored"[^}]*\} [1-9]/);
        });
      }
      await using bob = await on('bob');
      await bob.printed(/Message received from .*alice@localhost.*: second/);
      await bob.type('chat sip:alice@localhost /read');
      await using alice = await on('alice');
      await bob.type('chat sip:alice@localhost done');
      await alice.printed(/Message received from .*bob@localhost.*: done/);
      await recording.stop();
      const toBob = await broughtTo('bob', recording, parley.ports.sip);
      expect(toBob.filter((message) => /: (first|second)/.test(message))).toEqual(['alice: first', 'alice: second']);
      const toAlice = await broughtTo('alice', recording, parley.ports.sip);
      const shown = toAlice.filter((message) => !message.endsWith('idle'));
      expect(shown).toEqual([
        ...['bob: delivered', 'bob: active', 'bob: displayed', 'bob: seen'],
        // Told while she was away.
        ...['bob: delivered', 'bob: displayed', 'bob: done'],
      ]);
    });
  },
);
