import { createHmac, createSecretKey } from 'node:crypto';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import type { NonceKey } from '@parley/sip-stack';

/** Milliseconds for which a key signs; then it only verifies until its nonces are too old. */
const signingTime = 3_600_000;

interface DatedKey extends NonceKey {
  readonly since: number;
}

/**
 * Keys under which this process signs nonces, newest first. They never leave it: counts live with the issuer, so
 * the nonce of another process is stale here whatever its key.
 */
export class NonceKeys {
  private readonly clock: Clock;
  private readonly random: Random;
  private keys: readonly DatedKey[];

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.random = random;
    this.keys = [this.create()];
  }

  /** The keys that are good now. */
  current(): readonly NonceKey[] {
    const [newest] = this.keys;
    if (newest === undefined || this.clock.now() - newest.since >= signingTime) {
      this.keys = [this.create(), ...this.keys.slice(0, 1)];
    }
    return this.keys;
  }

  private create(): DatedKey {
    // Octets would be made a key at each use, which takes longer than the digest.
    const secret = createSecretKey(this.random.bytes(32));
    return {
      id: randomToken(this.random, 6),
      since: this.clock.now(),
      sign: (text) => createHmac('sha256', secret).update(text).digest('base64url').slice(0, 27),
    };
  }
}
