import { freePort } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EdgeProcesses } from '../support/edge-processes.ts';
import { Phone } from '../support/phone.ts';
import { bob, bodyOf } from './scene.ts';

const count = 60;
const text = 'Content-Type: text/plain';

/** What is sent to amend a message; undefined where it is left as it is. */
function amendmentOf(i: number): { readonly body: string; readonly fields: readonly string[] } | undefined {
  const names = `Replaces-Message: "m${i}";cseq=1`;
  if (i % 4 === 0) return { body: `new ${i}`, fields: [text, names] };
  return i % 4 === 2 ? { body: '', fields: [`${names};action=recall`] } : undefined;
}

describe('kill -9 while messages are amended and delivered', () => {
  let edges: EdgeProcesses;
  beforeAll(async () => {
    edges = await EdgeProcesses.open({ PARLEY_AUTH: 'none', PARLEY_LEASE_MS: '3000' });
  });
  afterAll(async () => {
    await edges[Symbol.asyncDispose]();
  });

  const named = (callId: string): Record<string, string> => ({ 'Call-ID': callId, CSeq: '1 MESSAGE' });

  async function fill(port: number): Promise<void> {
    await using alice = await Phone.tcp(port, 'alice');
    for (let i = 0; i < count; i++)
      expect(
        (await alice.ask('MESSAGE', bob, { body: `${i}`, fields: [text], instead: named(`m${i}`) })).statusCode,
      ).toBe(202);
  }

  /** Asks as a client does that hears nothing: the same request again, over a new connection, until it is answered. */
  async function insist(port: () => number, i: number, died: () => Promise<void>): Promise<number | undefined> {
    const amendment = amendmentOf(i);
    if (amendment === undefined) return undefined;
    const via = `SIP/2.0/TCP 127.0.0.1:5999;rport;branch=z9hG4bKamend${i}`;
    const options = { ...amendment, instead: { ...named(`a${i}`), Via: via } };
    if (i === 20 || i === 30) {
      const phone = await Phone.tcp(port(), 'alice');
      phone.send(phone.write('MESSAGE', bob, options));
      await died();
      await phone[Symbol.asyncDispose]();
    }
    for (;;) {
      await using phone = await Phone.tcp(port(), 'alice');
      const { statusCode } = await phone.ask('MESSAGE', bob, options);
      if (statusCode !== 503) return statusCode;
    }
  }

  it('does each amendment once, and loses or repeats nothing, though the edge dies in the middle of both', async () => {
    const port = await freePort();
    let edge = await edges.start(port);
    const again = async (): Promise<void> => {
      edge.kill('SIGKILL');
      await edge.exited;
      edge = await edges.start(port);
    };
    await fill(port);
    const statuses: (number | undefined)[] = [];
    for (let i = 0; i < count; i++) statuses.push(await insist(() => port, i, again));
    expect(statuses).toEqual(statuses.map((_, i) => (i % 4 === 0 ? 202 : i % 4 === 2 ? 200 : undefined)));
    const got: string[] = [];
    const takeUntil = async (enough: () => boolean): Promise<void> => {
      await using phone = await Phone.tcp(port, 'bob');
      await phone.register();
      while (!enough()) {
        const request = await phone.incoming();
        got.push(bodyOf(request));
        phone.answer(request, 200);
      }
    };
    await takeUntil(() => got.length === 20);
    await again();
    await takeUntil(() => got.at(-1) === String(count - 1));
    await edge.stop();
    const expected = Array.from({ length: count }, (_, i) => (i % 4 === 0 ? `new ${i}` : String(i))).filter(
      (_, i) => i % 4 !== 2,
    );
    expect([...new Set(got)]).toEqual(expected);
    expect(got.length - expected.length).toBeLessThanOrEqual(1);
  });
});
