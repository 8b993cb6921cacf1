import { Fault, randomToken } from '@parley/prelude';
import type { Clock, Random } from '@parley/prelude';
import { equalSecrets } from './equal-secrets.ts';
import { NonceWindow } from './nonce-window.ts';

/** A key that all issuers of a realm share for a while. */
export interface NonceKey {
  /** Token without dots that tells keys apart while they rotate. */
  readonly id: string;
  /** HMAC of the text under the key, as token characters without dots (hexadecimal, base64url); at least 128 bits. */
  sign(text: string): string;
}

/** What a nonce issuer is built from. */
export interface NonceIssuerOptions {
  /** Token without dots that names this server among the issuers. */
  readonly instance: string;
  /** Keys that are good now, the one to sign with first. Drop a key a lifetime after the next one came. */
  readonly keys: () => readonly NonceKey[];
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds for which a nonce serves. Default 600,000: what a thief can do with it ends. */
  readonly lifetime?: number;
  /** Nonces whose counts are remembered at a time. Default 100,000, about 15 MB; past it the oldest turn stale. */
  readonly maxNonces?: number;
}

/** What a nonce is worth: only a good one, with a count that was not used, lets its bearer in. */
export type NonceStatus = 'good' | 'stale';

/** Issues nonces and remembers which of their counts were used. */
export interface NonceIssuer {
  issue(): string;
  /**
   * Looks at a nonce without using it up. Nonces of other issuers, of another life of this one, under no known key,
   * too old, or never issued are all `stale`: who knows the password gets on with a fresh one.
   *
   * @param count - nonce count; undefined where the client used no qop
   */
  inspect(nonce: string, count: number | undefined): NonceStatus;
  /** Whether the nonce is ours and not too old, whatever its counts: enough for ACK and CANCEL. @spec RFC 3261 §22.1 */
  isAlive(nonce: string): boolean;
  /** Uses up the count, or without one the whole nonce. Call it once the digest is proved. */
  use(nonce: string, count: number | undefined): void;
}

/** A nonce as we wrote it. */
interface Issued {
  readonly issuer: string;
  readonly serial: number;
  readonly at: number;
}

/** A nonce that served: it was read and its seal proved once. Without a window it is spent. */
interface Known {
  readonly issued: Issued;
  readonly window: NonceWindow | undefined;
}

class Issuer implements NonceIssuer {
  private readonly options: NonceIssuerOptions;
  /** Instance and life, so that a restart cannot be fooled by counts that it has forgotten. */
  private readonly issuer: string;
  private readonly lifetime: number;
  private readonly limit: number;
  private serial = 0;
  /** Up to here a nonce without a window counts as used: its window may have been dropped. */
  private forgotten = 0;
  private readonly known = new Map<string, Known>();

  constructor(options: NonceIssuerOptions) {
    if (options.instance.includes('.')) throw new Fault('the instance of a nonce issuer has a dot');
    this.options = options;
    this.issuer = `${options.instance}-${randomToken(options.random, 8)}`;
    this.lifetime = options.lifetime ?? 600_000;
    this.limit = options.maxNonces ?? 100_000;
  }

  issue(): string {
    const [key] = this.options.keys();
    if (key === undefined) throw new Fault('a nonce issuer needs a key');
    const at = Math.floor(this.options.clock.wallTime()).toString(36);
    const text = `${key.id}.${this.issuer}.${(++this.serial).toString(36)}.${at}`;
    return `${text}.${key.sign(text)}`;
  }

  isAlive(nonce: string): boolean {
    const issued = this.known.get(nonce)?.issued ?? this.readSealed(nonce);
    return issued !== undefined && this.serves(issued);
  }

  inspect(nonce: string, count: number | undefined): NonceStatus {
    if (count === 0) return 'stale';
    const known = this.known.get(nonce);
    const issued = known?.issued ?? this.readSealed(nonce);
    if (issued === undefined || !this.serves(issued)) return 'stale';
    if (known === undefined) return issued.serial > this.forgotten ? 'good' : 'stale';
    return count !== undefined && known.window?.isFree(count) === true ? 'good' : 'stale';
  }

  use(nonce: string, count: number | undefined): void {
    const known = this.known.get(nonce);
    const issued = known?.issued ?? readNonce(nonce);
    if (count === undefined) this.remember(nonce, { issued, window: undefined });
    else if (known !== undefined) known.window?.take(count);
    else {
      const window = new NonceWindow();
      window.take(count);
      this.remember(nonce, { issued, window });
    }
  }

  private serves({ issuer, at }: Issued): boolean {
    return issuer === this.issuer && this.options.clock.wallTime() - at < this.lifetime;
  }

  /** Makes room for it too: what is over the limit goes, and what is too old. */
  private remember(nonce: string, known: Known): void {
    this.known.set(nonce, known);
    for (const [oldest, { issued }] of this.known) {
      if (this.known.size <= this.limit && this.serves(issued)) return;
      this.known.delete(oldest);
      this.forgotten = Math.max(this.forgotten, issued.serial);
    }
  }

  /** Reads a nonce that may be anybody's; undefined when its seal is not of a key that is good now. */
  private readSealed(nonce: string): Issued | undefined {
    const seal = nonce.lastIndexOf('.');
    const keyId = nonce.slice(0, nonce.indexOf('.'));
    const key = this.options.keys().find(({ id }) => id === keyId);
    if (key === undefined || !equalSecrets(nonce.slice(seal + 1), key.sign(nonce.slice(0, seal)))) return undefined;
    return readNonce(nonce);
  }
}

function readNonce(nonce: string): Issued {
  const [, issuer = '', serial = '', at = ''] = nonce.split('.', 4);
  return { issuer, serial: parseInt(serial, 36), at: parseInt(at, 36) };
}

/**
 * Builds an issuer; one serves any number of realms.
 *
 * @throws Fault when the instance has a dot in it
 */
export function createNonceIssuer(options: NonceIssuerOptions): NonceIssuer {
  return new Issuer(options);
}
