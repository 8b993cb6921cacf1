import { createHash } from 'node:crypto';
import type { Clock } from '@parley/prelude';
import { RecentMap } from '@parley/sip-stack/node';
import type { TokenReader, TokenVerdict } from './token-reader.ts';

/** What a bearer desk is built from. */
export interface BearerDeskOptions {
  readonly clock: Clock;
  readonly reader: Pick<TokenReader, 'read'>;
  /** Hears that the issuer's keys could not be had. */
  readonly onTrouble: (cause: unknown) => void;
}

/** Tokens whose verdict is remembered. */
const mostRemembered = 16_384;
/** Tokens that are verified at a time; those beyond are asked to come again. */
const mostAtOnce = 256;
/** Milliseconds for which a verdict stands: so long a token serves whose key its issuer took back. */
const standing = 300_000;
/** Milliseconds for which one does that may be another as soon as the issuer is asked again. */
const doubtful = 1_000;

interface Remembered {
  readonly verdict: TokenVerdict;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Knows what tokens are worth, so that a request with one that came before waits for nothing. */
export class BearerDesk {
  private readonly options: BearerDeskOptions;
  private readonly known = new RecentMap<string, Remembered>(mostRemembered);
  private readonly reading = new Map<string, Promise<void>>();

  constructor(options: BearerDeskOptions) {
    this.options = options;
  }

  /** What is known of a token; undefined when it has to be read. */
  look(token: string): TokenVerdict | undefined {
    const remembered = this.known.get(keyOf(token));
    return remembered !== undefined && remembered.until > this.options.clock.wallTime()
      ? remembered.verdict
      : undefined;
  }

  /** Reads a token: settles when {@link look} knows it. Undefined when too many are being read. */
  read(token: string): Promise<void> | undefined {
    const key = keyOf(token);
    const underway = this.reading.get(key);
    if (underway !== undefined || this.reading.size >= mostAtOnce) return underway;
    const reading = this.options.reader.read(token).then((verdict) => {
      this.remember(key, verdict);
    });
    this.reading.set(key, reading);
    return reading;
  }

  private remember(key: string, verdict: TokenVerdict): void {
    this.reading.delete(key);
    if (verdict.kind === 'unknown') this.options.onTrouble(verdict.cause);
    const now = this.options.clock.wallTime();
    const stands = now + (verdict.kind.startsWith('unknown') ? doubtful : standing);
    const until = verdict.kind === 'proved' ? Math.min(stands, verdict.expires * 1000) : stands;
    this.known.set(key, { verdict, until });
  }
}

/** Tokens themselves are not kept. */
function keyOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
