import type { Bucket, Bus } from '@parley/bus';
import { buckets, edge } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';

/** Octets of a secret: the key of AES-256 and of HMAC-SHA-256. */
const secretOctets = 32;
/** Milliseconds before the store is asked again. */
const pause = 250;

/** What a secret is made and kept with. */
export interface SecretMeans {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * The secret that all edges share for one purpose; the first edge makes it. It outlives every process, so that what was
 * sealed before a restart, or by another edge, can be opened. Waits for as long as the store cannot be reached.
 */
export async function sharedSecret(purpose: string, means: SecretMeans): Promise<Uint8Array> {
  const { bus, clock } = means;
  const bucket = bus.bucket(buckets.secrets, edge.SecretRecord);
  for (;;) {
    const secret = await findOrMake(bucket, purpose, means);
    if (secret !== undefined) return secret;
    await new Promise<void>((resolve) => clock.after(pause, resolve));
  }
}

async function findOrMake(
  bucket: Bucket<edge.SecretRecord>,
  purpose: string,
  { clock, random }: SecretMeans,
): Promise<Uint8Array | undefined> {
  const found = await bucket.get(purpose);
  if (!found.ok) return undefined;
  if (found.value !== undefined) return found.value.value.octets;
  const octets = random.bytes(secretOctets);
  const created = await bucket.create(purpose, { octets, createdAt: clock.wallTime() });
  // Where another edge was faster its secret is found at the next look.
  return created.ok && created.value.outcome === 'created' ? octets : undefined;
}
