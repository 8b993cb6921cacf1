import { seededRandom } from '@parley/testing';
import { systemClock } from '@parley/service';
import { describe, expect, it } from 'vitest';
import { sharedSecret } from '../../src/flows/shared-secret.ts';
import { memoryBroker } from '../support/test-edge.ts';

describe('Shared secret', () => {
  it('is the same for all edges, whoever made it, and another one for another purpose', async () => {
    const broker = memoryBroker();
    const secretOf = (purpose: string, seed: number): Promise<Uint8Array> =>
      sharedSecret(purpose, { bus: broker.connect(), clock: systemClock, random: seededRandom(seed) });
    const [one, two] = await Promise.all([secretOf('flows', 1), secretOf('flows', 2)]);
    expect(one).toHaveLength(32);
    expect(two).toEqual(one);
    expect(await secretOf('flows', 3)).toEqual(one);
    expect(await secretOf('other', 4)).not.toEqual(one);
  });
});
