import { randomFillSync } from 'node:crypto';
import type { Random } from '@parley/prelude';

/** Octets drawn from the system at a time: a call into it costs as much as a hundred tokens from the pool. */
const poolSize = 8192;

/** Unpredictable octets from the system's cryptographic source, pooled; no octet is handed out twice. */
export class SystemRandom implements Random {
  private readonly pool = Buffer.alloc(poolSize);
  private used = poolSize;

  bytes(length: number): Uint8Array {
    if (length > poolSize / 16) return randomFillSync(new Uint8Array(length));
    if (this.used + length > poolSize) this.refill();
    const start = this.used;
    this.used += length;
    const octets = new Uint8Array(length);
    // By hand: for as few octets as a token has, a call of a method takes longer.
    for (let i = 0; i < length; i++) {
      octets[i] = this.pool[start + i] ?? 0;
      this.pool[start + i] = 0;
    }
    return octets;
  }

  private refill(): void {
    randomFillSync(this.pool);
    this.used = 0;
  }
}

/** The randomness of this worker. */
export const systemRandom: Random = new SystemRandom();
