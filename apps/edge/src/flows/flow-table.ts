import type { Endpoint, Flow } from '@parley/sip-stack';
import { udpPeerOf } from './flow-name.ts';

const noNames: ReadonlySet<string> = new Set<string>();

/** A connection that somebody may be reached over later, and whose bindings end with it. */
interface Kept {
  readonly flow: Flow;
  readonly accounts: Set<string>;
}

/** The flows of this edge by name. Connections are kept from their first use as a way back until they close. */
export class FlowTable {
  private readonly kept = new Map<string, Kept>();
  private readonly udp: (remote: Endpoint) => Flow | undefined;

  /** @param udp - the flow to an address from the listening socket */
  constructor(udp: (remote: Endpoint) => Flow | undefined) {
    this.udp = udp;
  }

  /** Connections that are a way back to somebody. */
  get size(): number {
    return this.kept.size;
  }

  /** The open flow of that name; undefined when it is gone. */
  find(name: string): Flow | undefined {
    const known = this.kept.get(name)?.flow;
    if (known !== undefined) return known.open ? known : undefined;
    const peer = udpPeerOf(name);
    return peer && this.udp(peer);
  }

  /** Keeps a connection findable; over UDP there is nothing to keep. */
  keep(flow: Flow): void {
    if (flow.reliable && flow.open && !this.kept.has(flow.id)) this.kept.set(flow.id, { flow, accounts: new Set() });
  }

  /** Notes that bindings of the account live on the connection. */
  bind(flow: Flow, account: string): void {
    this.keep(flow);
    this.kept.get(flow.id)?.accounts.add(account);
  }

  /** Closes a connection that nobody else's bindings live on: whoever is behind it registers anew if it wants to. */
  closeAlone(name: string, reason: string): void {
    const kept = this.kept.get(name);
    if (kept?.accounts.size === 1) kept.flow.close(reason);
  }

  /** Forgets a connection that closed; gives the accounts that had bindings on it. */
  closed(flow: Flow): ReadonlySet<string> {
    const { accounts } = this.kept.get(flow.id) ?? { accounts: noNames };
    this.kept.delete(flow.id);
    return accounts;
  }
}
