import { createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Bucket, Bus, Following } from '@parley/bus';
import { followBucket } from '@parley/bus';
import { buckets, edge } from '@parley/contracts';
import { Fault } from '@parley/prelude';
import type { Clock } from '@parley/prelude';
import { sharedSecret } from '../flows/shared-secret.ts';
import type { SecretMeans } from '../flows/shared-secret.ts';

/** Milliseconds for which one key seals: four weeks. */
const period = 2_419_200_000;
/**
 * Keys that still open, two years of them: a temporary GRUU is good for as long as its device refreshes with one Call-ID,
 * which ends at the latest when it is started anew.
 */
const kept = 26;
const prefix = 'gruu.';

/** A key, and the number under which a token names it. */
export interface GruuKey {
  /** 0 to 255. */
  readonly number: number;
  readonly secret: KeyObject;
}

/** The rotating keys of temporary GRUUs, from a watched copy of the bucket that all edges share. */
export class GruuKeys implements Disposable {
  private readonly bucket: Bucket<edge.SecretRecord>;
  private readonly means: SecretMeans;
  private readonly byPeriod = new Map<number, KeyObject>();
  private readonly following: Following;
  private making: number | undefined;

  constructor(means: SecretMeans & { readonly bus: Bus; readonly clock: Clock }) {
    this.means = means;
    this.bucket = means.bus.bucket(buckets.secrets, edge.SecretRecord);
    this.following = followBucket(
      this.bucket,
      (event) => {
        const number = Number(event.key.slice(prefix.length));
        if (event.kind === 'put') this.byPeriod.set(number, createSecretKey(event.value.octets));
        else this.byPeriod.delete(number);
      },
      prefix,
    );
  }

  /** Resolves once there is a key to seal with. */
  async ready(): Promise<void> {
    await this.following.filled;
    await this.make(this.currentPeriod());
  }

  /** The key that seals; while that of a new period is being made, the one before. */
  current(): GruuKey {
    const now = this.currentPeriod();
    const made = this.byPeriod.get(now);
    if (made !== undefined) return { number: numberOf(now), secret: made };
    if (this.making === undefined) void this.make(now);
    const newest = Math.max(...this.byPeriod.keys());
    const secret = this.byPeriod.get(newest);
    if (secret === undefined) throw new Fault('asked for a key before one was made');
    return { number: numberOf(newest), secret };
  }

  /** The key of a token's number; undefined when it is none of ours, or no longer kept. */
  find(number: number): GruuKey | undefined {
    for (const [made, secret] of this.byPeriod) if (numberOf(made) === number) return { number, secret };
    return undefined;
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }

  private currentPeriod(): number {
    return Math.floor(this.means.clock.wallTime() / period);
  }

  private async make(number: number): Promise<void> {
    this.making = number;
    this.byPeriod.set(number, createSecretKey(await sharedSecret(`${prefix}${number}`, this.means)));
    this.making = undefined;
    for (const old of this.byPeriod.keys()) if (old <= number - kept) void this.bucket.delete(`${prefix}${old}`);
  }
}

function numberOf(made: number): number {
  return made % 256;
}
