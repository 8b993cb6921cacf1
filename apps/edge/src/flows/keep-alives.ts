import type { Cancel, Clock } from '@parley/prelude';
import type { Endpoint, Flow } from '@parley/sip-stack';
import { flowNameOf, udpFlowName } from './flow-name.ts';

/** Part of the promised interval by which a keep-alive may be late, for what the network does to it. @spec RFC 5626 §5.4 */
const grace = 0.5;
/** Least lateness that is forgiven, in milliseconds. */
const leastGrace = 5_000;
/** Milliseconds between two looks. */
const grain = 2_500;

/** Seconds between keep-alives that devices are told, by kind of flow. */
export interface KeepAliveIntervals {
  readonly connection: number;
  readonly udp: number;
}

/** A flow over UDP whose device promised keep-alives. */
interface Expected {
  readonly accounts: Set<string>;
  /** Monotonic milliseconds. */
  readonly heardAt: number;
}

/** What is told of a flow that was found dead: its name, and whose bindings live on it. */
export type DeadFlowListener = (flow: string, accounts: ReadonlySet<string>) => void;

/** What the watch is built from. */
export interface KeepAlivesOptions {
  readonly clock: Clock;
  readonly intervals: KeepAliveIntervals;
  /** Milliseconds for which nothing came over a connection. */
  readonly silenceOf: (flow: Flow) => number;
  /** A flow over UDP is dead. */
  readonly onDead: DeadFlowListener;
}

/**
 * Finds flows whose promised keep-alives do not come. A connection is closed, which ends its bindings. Over UDP nobody
 * counts the silence, so that this is done here: the flow heard of longest ago comes first.
 *
 * @spec RFC 5626 §5.4, §4.4
 */
export class KeepAlives implements Disposable {
  private readonly options: KeepAlivesOptions;
  private readonly connections = new Map<string, Flow>();
  private readonly expected = new Map<string, Expected>();
  private stopLooking: Cancel | undefined;

  constructor(options: KeepAlivesOptions) {
    this.options = options;
  }

  /** Flows that are watched. */
  get size(): number {
    return this.expected.size + this.connections.size;
  }

  /** A device of the account registered over the flow, and was told its interval. */
  expect(flow: Flow, account: string): void {
    if (flow.reliable) this.connections.set(flow.id, flow);
    else this.hear(flowNameOf(flow), account);
    this.lookLater();
  }

  /** {@link expect} for a flow over UDP by its name, as a binding keeps it. */
  expectOverUdp(name: string, account: string): void {
    this.hear(name, account);
    this.lookLater();
  }

  /** A keep-alive came over UDP. */
  heard(remote: Endpoint): void {
    if (this.expected.size === 0) return;
    const name = udpFlowName(remote);
    if (this.expected.has(name)) this.hear(name);
  }

  [Symbol.dispose](): void {
    this.stopLooking?.();
  }

  private hear(name: string, account?: string): void {
    const accounts = this.expected.get(name)?.accounts ?? new Set();
    if (account !== undefined) accounts.add(account);
    this.expected.delete(name);
    this.expected.set(name, { accounts, heardAt: this.options.clock.now() });
  }

  private lookLater(): void {
    this.stopLooking ??= this.options.clock.after(grain, () => {
      this.stopLooking = undefined;
      this.lookAtUdp();
      this.lookAtConnections();
      if (this.size > 0) this.lookLater();
    });
  }

  private lookAtUdp(): void {
    const { clock, intervals, onDead } = this.options;
    const silentSince = clock.now() - patienceFor(intervals.udp);
    for (const [name, { accounts, heardAt }] of this.expected) {
      if (heardAt > silentSince) break;
      this.expected.delete(name);
      onDead(name, accounts);
    }
  }

  private lookAtConnections(): void {
    const { intervals, silenceOf } = this.options;
    const patience = patienceFor(intervals.connection);
    for (const [id, flow] of this.connections) {
      if (flow.open && silenceOf(flow) < patience) continue;
      this.connections.delete(id);
      flow.close('the keep-alives that were promised do not come');
    }
  }
}

/** Milliseconds of silence after which a flow is dead. */
function patienceFor(interval: number): number {
  return interval * 1000 + Math.max(leastGrace, interval * 1000 * grace);
}
