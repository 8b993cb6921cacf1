import type { TransportFailure } from '@parley/prelude';
import type { SipMessage } from '@parley/sip';
import type { Flow, FlowObserver } from '@parley/sip-stack';
import type { EdgeEvents } from '../events.ts';
import type { FlowTable } from '../flows/flow-table.ts';
import type { BindingBook } from '../location/binding-book.ts';
import type { OverloadTalk } from '../overload/overload-talk.ts';

/** Passes messages to the transactions, and ends what lived on a connection when it closes. @spec RFC 5626 §6 */
export class EdgeObserver implements FlowObserver {
  private readonly layer: FlowObserver;
  private readonly flows: FlowTable;
  private readonly bindings: BindingBook;
  private readonly events: EdgeEvents;
  private readonly talk: Pick<OverloadTalk, 'hear'>;
  /** Bindings of connections that closed while the edge goes down. */
  private readonly ending = new Set<Promise<void>>();

  constructor(
    layer: FlowObserver,
    flows: FlowTable,
    bindings: BindingBook,
    events: EdgeEvents,
    talk: Pick<OverloadTalk, 'hear'>,
  ) {
    this.layer = layer;
    this.flows = flows;
    this.bindings = bindings;
    this.events = events;
    this.talk = talk;
  }

  /** A bug that one message brings out costs that message, not the edge. */
  onMessage(message: SipMessage, flow: Flow): void {
    try {
      this.layer.onMessage(this.talk.hear(message, flow), flow);
    } catch (error) {
      this.events.fault(message.kind === 'request' ? message.method : 'response', error);
    }
  }

  onClosed(flow: Flow, failure: TransportFailure | undefined): void {
    this.layer.onClosed(flow, failure);
    if (!flow.reliable) return;
    const accounts = this.flows.closed(flow);
    if (accounts.size === 0) return;
    const ended = this.endBindings(flow, accounts, failure?.message);
    this.ending.add(ended);
    void ended.then(() => this.ending.delete(ended));
  }

  /** Resolves when the store knows of every connection that closed. */
  async settled(): Promise<void> {
    await Promise.all(this.ending);
  }

  private async endBindings(flow: Flow, accounts: ReadonlySet<string>, reason: string | undefined): Promise<void> {
    const count = await this.bindings.end(accounts, (binding) => binding.flow === flow.id);
    if (count > 0) this.events.flowLost(count, reason);
  }
}
