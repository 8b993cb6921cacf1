import type { media } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { Flusher } from '../../src/connection/flusher.ts';
import { PeerLink } from '../../src/relay/peer-link.ts';

const limits = { behindBytes: 1000, fullBytes: 10_000 };
const chunk: media.HubNews = { room: 'sip:lobby@chat.localhost', news: undefined };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Two switches, and what they say to each other. */
function pair(): { readonly near: PeerLink; readonly far: PeerLink } {
  const flusher = new Flusher();
  const near: PeerLink = new PeerLink(
    'far',
    flusher,
    (batch) => {
      far.note(batch);
    },
    limits,
  );
  const far: PeerLink = new PeerLink(
    'near',
    flusher,
    (batch) => {
      near.note(batch);
    },
    limits,
  );
  return { near, far };
}

describe('A link whose other side is behind', () => {
  it('makes speakers wait for as long as the slow ones there take something (RFC 7701 §6.4)', async () => {
    const { near, far } = pair();
    far.hold();
    near.add(chunk, 2000);
    await turn();
    for (let checks = 0; checks < 10; checks++) {
      near.checkProgress();
      expect(near.isBehind).toBe(true);
      far.pulse();
    }
    far.letGo();
    await turn();
    expect(near.isBehind).toBe(false);
  });

  it('is not waited for when it says nothing any more, until it does', async () => {
    const { near, far } = pair();
    far.hold();
    near.add(chunk, 2000);
    await turn();
    near.checkProgress();
    near.checkProgress();
    expect(near.isBehind).toBe(false);
    far.pulse();
    expect(near.isBehind).toBe(true);
  });
});
