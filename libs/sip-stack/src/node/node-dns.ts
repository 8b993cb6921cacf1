import { lookup, Resolver } from 'node:dns/promises';
import { err, ok, transportFailure } from '@parley/prelude';
import { noRecords } from '../resolution/dns-answer.ts';
import type { DnsOutcome, DnsPort, NaptrRecord, SrvRecord } from '../resolution/dns-port.ts';

/** Which server is asked, and how patiently. */
export interface NodeDnsOptions {
  /** `host:port` or `host` of a resolver, an address literal (IPv6 in brackets when a port follows); the system's by default. */
  readonly server?: string;
  /** Milliseconds for one try of one question; default 2000. */
  readonly timeout?: number;
  /** Tries of one question; default 2. */
  readonly tries?: number;
  /** Seconds to keep answers whose age the runtime does not tell (NAPTR, SRV, hosts file, none); default 60. */
  readonly ttl?: number;
}

/** Codes by which the resolver says that there is nothing, rather than that it does not know. */
const nothing = new Set(['ENODATA', 'ENOTFOUND', 'EBADNAME']);

interface DnsError {
  readonly code?: unknown;
  readonly message?: unknown;
}

function outcomeOf(error: unknown, ttl: number): DnsOutcome<never> {
  // What the resolver throws is an Error with a code; anything else reads as a failure too.
  const { code, message } = error as DnsError;
  if (typeof code === 'string' && nothing.has(code)) return ok(noRecords(ttl));
  return err(transportFailure(`DNS: ${typeof message === 'string' ? message : 'failed'}`, true, error));
}

const localhost = /^(?:[^.]+\.)*localhost\.?$/i;

class NodeDns implements DnsPort {
  readonly #resolver: Resolver;
  readonly #ttl: number;
  /** Whether names of the hosts file and the search list count: not when a server is named. */
  readonly #system: boolean;

  constructor({ server, timeout = 2_000, tries = 2, ttl = 60 }: NodeDnsOptions) {
    this.#resolver = new Resolver({ timeout, tries });
    this.#ttl = ttl;
    this.#system = server === undefined;
    if (server !== undefined) this.#resolver.setServers([server]);
  }

  async naptr(name: string): Promise<DnsOutcome<NaptrRecord>> {
    try {
      return ok({ records: await this.#resolver.resolveNaptr(name), ttl: this.#ttl });
    } catch (error) {
      return outcomeOf(error, this.#ttl);
    }
  }

  async srv(name: string): Promise<DnsOutcome<SrvRecord>> {
    try {
      const records = await this.#resolver.resolveSrv(name);
      return ok({
        records: records.map(({ priority, weight, port, name: target }) => ({ priority, weight, port, target })),
        ttl: this.#ttl,
      });
    } catch (error) {
      return outcomeOf(error, this.#ttl);
    }
  }

  async addresses(name: string): Promise<DnsOutcome<string>> {
    if (localhost.test(name)) return ok({ records: ['127.0.0.1', '::1'], ttl: this.#ttl });
    const [v4, v6] = await Promise.all([
      this.#literals(() => this.#resolver.resolve4(name, { ttl: true })),
      this.#literals(() => this.#resolver.resolve6(name, { ttl: true })),
    ]);
    const records = [v4, v6].flatMap((outcome) => (outcome.ok ? outcome.value.records : []));
    const ttl = Math.min(...[v4, v6].map((outcome) => (outcome.ok ? outcome.value.ttl : this.#ttl)));
    if (records.length > 0) return ok({ records, ttl });
    return this.#system ? this.#fromSystem(name) : v4.ok ? v6 : v4;
  }

  async #literals(ask: () => Promise<{ address: string; ttl: number }[]>): Promise<DnsOutcome<string>> {
    try {
      const found = await ask();
      return ok({ records: found.map(({ address }) => address), ttl: Math.min(...found.map(({ ttl }) => ttl)) });
    } catch (error) {
      return outcomeOf(error, this.#ttl);
    }
  }

  /** The hosts file and the search list, which a resolver for the DNS does not know. */
  async #fromSystem(name: string): Promise<DnsOutcome<string>> {
    try {
      const found = await lookup(name, { all: true, order: 'ipv4first' });
      return ok({ records: found.map(({ address }) => address), ttl: this.#ttl });
    } catch (error) {
      return outcomeOf(error, this.#ttl);
    }
  }
}

/** The DNS as Node reaches it. `localhost` never leaves the machine (RFC 6761 §6.3). */
export function nodeDns(options: NodeDnsOptions = {}): DnsPort {
  return new NodeDns(options);
}
