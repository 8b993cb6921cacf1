import { encodeUtf8, unwrap } from '@parley/prelude';
import { parsePath } from '@parley/msrp';
import { seededRandom } from '@parley/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MsrpEndpoint } from '../../src/index.ts';
import type { EndpointEffect, EndpointOptions } from '../../src/index.ts';

const here = unwrap(parsePath('msrp://192.0.2.1:9/alice;tcp', 1));
const there = unwrap(parsePath('msrp://192.0.2.2:2855/bob;tcp', 1));

function pair(more: Partial<EndpointOptions> = {}): [MsrpEndpoint, MsrpEndpoint] {
  const random = seededRandom(3);
  return [
    new MsrpEndpoint({ localPath: here, remotePath: there, random, ...more }),
    new MsrpEndpoint({ localPath: there, remotePath: here, random, ...more }),
  ];
}

/** Carries what one endpoint writes to the other and back until nobody writes; returns all other effects. */
function carry(effects: readonly EndpointEffect[], to: MsrpEndpoint, back: MsrpEndpoint, split = 1_000_000) {
  const facts: EndpointEffect[] = [];
  let [pending, receiver, other] = [effects, to, back];
  while (pending.length > 0) {
    const next: EndpointEffect[] = [];
    for (const effect of pending) {
      if (effect.kind !== 'write') facts.push(effect);
      else
        for (let at = 0; at < effect.bytes.length; at += split)
          next.push(...receiver.receive(effect.bytes.subarray(at, at + split)));
    }
    pending = next;
    [receiver, other] = [other, receiver];
  }
  return facts;
}

const raw = (text: string): Uint8Array => encodeUtf8(text.replaceAll('\n', '\r\n'));
const written = (effects: readonly EndpointEffect[]): string =>
  effects.map((effect) => (effect.kind === 'write' ? new TextDecoder().decode(effect.bytes) : effect.kind)).join('');

describe('MSRP endpoint', () => {
  it('binds with an empty SEND that is answered 200 (RFC 4975 §5.4)', () => {
    const [alice, bob] = pair();
    const { request, effects } = alice.bind();
    expect(carry(effects, bob, alice)).toEqual([{ kind: 'settled', request, code: 200, comment: 'OK' }]);
  });

  it('MUST deliver a message whole however it is chunked and split (RFC 4975 §5.1)', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 50 }),
        (body, chunkSize, split) => {
          const [alice, bob] = pair({ chunkSize });
          const { request, effects } = alice.send({ contentType: 'application/octet-stream', body });
          const facts = carry(effects, bob, alice, split);
          expect(facts).toEqual([
            {
              kind: 'message',
              message: { messageId: request, contentType: 'application/octet-stream', body, fields: [] },
            },
            { kind: 'settled', request, code: 200, comment: 'OK' },
          ]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('sends a success report when one is asked for (RFC 4975 §7.1.3)', () => {
    const [alice, bob] = pair();
    const { request, effects } = alice.send({
      contentType: 'text/plain',
      body: encodeUtf8('hi'),
      successReport: 'yes',
    });
    expect(carry(effects, bob, alice)).toContainEqual({ kind: 'report', messageId: request, code: 200, comment: 'OK' });
  });

  it('settles with the first code that is not 200', () => {
    const [alice, bob] = pair({ accepts: (type) => type === 'text/plain', chunkSize: 2 });
    const { request, effects } = alice.send({ contentType: 'image/png', body: encodeUtf8('12345') });
    const facts = carry(effects, bob, alice);
    expect(facts).toEqual([expect.objectContaining({ kind: 'settled', request, code: 415 })]);
  });

  it('answers 501 to a method it does not know and 481 to another session (RFC 4975 §12, §7.3)', () => {
    const [, bob] = pair();
    const ask = (method: string, to: string): string =>
      written(
        bob.receive(
          raw(`MSRP a786hjs2 ${method}\nTo-Path: ${to}\nFrom-Path: msrp://192.0.2.1:9/alice;tcp\n-------a786hjs2$\n`),
        ),
      );
    expect(ask('NICKNAME', there.text)).toMatch(/^MSRP a786hjs2 501/);
    expect(ask('SEND', 'msrp://192.0.2.2:2855/carol;tcp')).toMatch(/^MSRP a786hjs2 481/);
  });

  it('never answers a REPORT, and asks to be closed after nonsense (RFC 4975 §7.1.2)', () => {
    const [, bob] = pair();
    const report = `MSRP a786hjs2 REPORT\nTo-Path: ${there.text}\nFrom-Path: ${here.text}\nMessage-ID: 1234\nStatus: 000 404 gone\n-------a786hjs2$\n`;
    expect(bob.receive(raw(report))).toEqual([{ kind: 'report', messageId: '1234', code: 404, comment: 'gone' }]);
    const why = 'From: <sip:bob@localhost>\n\nContent-Type: text/plain\n\n';
    const withBody = report.replace('-------', `Content-Type: message/cpim\n\n${why}\n-------`);
    expect(bob.receive(raw(withBody))).toEqual([{ kind: 'report', messageId: '1234', code: 404, comment: 'gone' }]);
    expect(bob.receive(raw('GET / HTTP/1.1\n\n'))).toEqual([expect.objectContaining({ kind: 'close' })]);
  });

  it('gives up a message that its sender aborts (RFC 4975 §7.1)', () => {
    const [, bob] = pair();
    const chunk = (id: string, flag: string, range: string): Uint8Array =>
      raw(
        `MSRP ${id} SEND\nTo-Path: ${there.text}\nFrom-Path: ${here.text}\nMessage-ID: 1234\nByte-Range: ${range}\nContent-Type: text/plain\n\nab\n-------${id}${flag}\n`,
      );
    expect(written(bob.receive(chunk('aaaaaaaa', '+', '1-2/4')))).toMatch(/^MSRP aaaaaaaa 200/);
    expect(written(bob.receive(chunk('bbbbbbbb', '#', '3-4/4')))).toMatch(/^MSRP bbbbbbbb 200 OK\r\n[^]*\$\r\n$/);
  });

  it('answers 413 to more than it takes (RFC 4975 §10.5)', () => {
    const [alice, bob] = pair({ maxSize: 10 });
    const { request, effects } = alice.send({ contentType: 'text/plain', body: new Uint8Array(11) });
    expect(carry(effects, bob, alice)).toEqual([expect.objectContaining({ kind: 'settled', request, code: 413 })]);
  });
});
