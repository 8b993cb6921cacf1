import type { Bus } from '@parley/bus';
import type { Cancel, Clock } from '@parley/prelude';
import type { PeerEdges } from '../actors/proxy/peer-edges.ts';
import type { BindingBook } from '../location/binding-book.ts';
import type { Binding } from '../registrar/binding.ts';
import { isOnConnection } from '../registrar/binding.ts';

/** Milliseconds between two looks. */
const interval = 15_000;
/** Looks in a row that find nobody before an edge counts as lost. */
const enough = 2;
/** Accounts whose bindings are ended at a time. */
const atOnce = 256;

/** What the watch is built from. */
export interface LostEdgesOptions {
  readonly instance: string;
  readonly clock: Clock;
  readonly bus: Pick<Bus, 'state'>;
  readonly edges: Pick<PeerEdges, 'isAlive'>;
  readonly bindings: Pick<BindingBook, 'bindings' | 'end'>;
}

/**
 * Ends the bindings that lived on connections of edges that died without a word: nobody else would before they expire.
 *
 * @spec RFC 5626 §7 (bindings of a flow that delivers no more)
 */
export class LostEdges implements Disposable {
  private readonly options: LostEdgesOptions;
  /** How often in a row each edge was looked for in vain. */
  private readonly missed = new Map<string, number>();
  private stop: Cancel;

  constructor(options: LostEdgesOptions) {
    this.options = options;
    this.stop = options.clock.after(interval, this.look);
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  private readonly look = (): void => {
    void this.lookAround().finally(() => {
      this.stop = this.options.clock.after(interval, this.look);
    });
  };

  private async lookAround(): Promise<void> {
    const accounts = this.accountsElsewhere();
    for (const known of this.missed.keys()) if (!accounts.has(known)) this.missed.delete(known);
    for (const [instance, names] of accounts) {
      const isAlive = await this.options.edges.isAlive(instance);
      // While NATS is away nobody can be found.
      if (this.options.bus.state !== 'connected') return;
      const missed = isAlive ? 0 : (this.missed.get(instance) ?? 0) + 1;
      this.missed.set(instance, missed);
      if (missed >= enough) await this.endAll([...names], (binding) => isOf(binding, instance));
    }
  }

  /** Accounts with bindings on connections of other edges, by edge. */
  private accountsElsewhere(): ReadonlyMap<string, ReadonlySet<string>> {
    const accounts = new Map<string, Set<string>>();
    for (const [name, binding] of this.options.bindings.bindings()) {
      const { edgeInstance } = binding;
      if (edgeInstance === this.options.instance || !isOnConnection(binding)) continue;
      const names = accounts.get(edgeInstance);
      if (names === undefined) accounts.set(edgeInstance, new Set([name]));
      else names.add(name);
    }
    return accounts;
  }

  private async endAll(names: readonly string[], isOver: (binding: Binding) => boolean): Promise<void> {
    for (let i = 0; i < names.length; i += atOnce) {
      await this.options.bindings.end(names.slice(i, i + atOnce), isOver);
    }
  }
}

function isOf(binding: Binding, instance: string): boolean {
  return binding.edgeInstance === instance && isOnConnection(binding);
}
