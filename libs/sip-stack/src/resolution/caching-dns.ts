import type { Clock } from '@parley/prelude';
import type { DnsOutcome, DnsPort } from './dns-port.ts';

/** Bounds of a cache of DNS answers. */
export interface DnsCacheLimits {
  /** Names kept for each type of question; default 1024, some 200 kB. */
  readonly entries?: number;
  /** Longest time an answer is kept, in seconds; default 3600. */
  readonly maxTtl?: number;
  /** Time a failure is remembered, in seconds, so that a dead server is not asked per message; default 5. */
  readonly failureTtl?: number;
}

type Ask<Entry> = (name: string) => Promise<DnsOutcome<Entry>>;

interface Remembered<Entry> {
  readonly outcome: Promise<DnsOutcome<Entry>>;
  /** Monotonic milliseconds; infinite while the question is under way. */
  until: number;
}

function lifetime(outcome: DnsOutcome<unknown>, limits: DnsCacheLimits): number {
  const { maxTtl = 3600, failureTtl = 5 } = limits;
  return outcome.ok ? Math.min(outcome.value.ttl, maxTtl) : failureTtl;
}

function remember<Entry>(ask: Ask<Entry>, clock: Clock, limits: DnsCacheLimits): Ask<Entry> {
  const known = new Map<string, Remembered<Entry>>();
  return (name) => {
    const key = name.toLowerCase();
    const hit = known.get(key);
    if (hit !== undefined && hit.until > clock.now()) return hit.outcome;
    const fresh: Remembered<Entry> = { outcome: ask(key), until: Number.POSITIVE_INFINITY };
    known.delete(key);
    known.set(key, fresh);
    const [oldest] = known.keys();
    if (known.size > (limits.entries ?? 1024) && oldest !== undefined) known.delete(oldest);
    void fresh.outcome.then((outcome) => (fresh.until = clock.now() + 1000 * lifetime(outcome, limits)));
    return fresh.outcome;
  };
}

/** A resolver that keeps answers for their time to live and asks one question once, however many wait for it. */
export function cachingDns(dns: DnsPort, clock: Clock, limits: DnsCacheLimits = {}): DnsPort {
  return {
    naptr: remember((name) => dns.naptr(name), clock, limits),
    srv: remember((name) => dns.srv(name), clock, limits),
    addresses: remember((name) => dns.addresses(name), clock, limits),
  };
}
