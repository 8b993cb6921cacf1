import type { SipRequest } from '@parley/sip';
import { withTop } from '@parley/sip';
import type { Flow } from '@parley/sip-stack';
import { flowNameOf, udpPeerOf } from '../../flows/flow-name.ts';
import type { FlowTable } from '../../flows/flow-table.ts';
import type { FlowEnd, FlowTokens } from '../../flows/flow-token.ts';
import type { OwnUris } from '../../flows/own-uris.ts';
import type { BindingBook } from '../../location/binding-book.ts';
import type { Binding } from '../../registrar/binding.ts';
import { rawRecordRoute } from '../../routing/raw-route.ts';
import { isSecureRequest } from '../../routing/secure-targets.ts';
import type { Way } from '../../routing/way.ts';
import { wayByFlow, wayTo } from '../../routing/way.ts';

/** What the ends of dialogs are found with. */
export interface DialogEndsOptions {
  /** This edge. */
  readonly instance: string;
  readonly flows: FlowTable;
  readonly tokens: FlowTokens;
  readonly uris: Pick<OwnUris, 'route'>;
  readonly bindings: Pick<BindingBook, 'live'>;
}

/** The ends of dialogs between users: writes them into Record-Route, and finds them again from Route. */
export class DialogEnds {
  private readonly options: DialogEndsOptions;

  constructor(options: DialogEndsOptions) {
    this.options = options;
  }

  /** The ends that tokens name; what is none of ours is passed over. */
  named(tokens: readonly string[]): readonly FlowEnd[] {
    return tokens.flatMap((token) => this.options.tokens.open(token) ?? []);
  }

  /** Whether a request came from that end: over its flow, or over another one that its account has registered since. */
  isAt({ instance, flow, account }: FlowEnd, from: Flow): boolean {
    const { instance: here, bindings } = this.options;
    const name = flowNameOf(from);
    if (name === flow && (instance === here || udpPeerOf(name) !== undefined)) return true;
    return (
      account !== '' && bindings.live(account).some((binding) => binding.flow === name && binding.edgeInstance === here)
    );
  }

  /** The way to an end: to its device where that has come back over another flow, else over the flow. */
  wayTo(end: FlowEnd): Way | undefined {
    const { instance: here } = this.options;
    const again = this.bindingOf(end);
    return again === undefined ? wayByFlow(end.instance, end.flow, here) : wayTo(again, here);
  }

  /** The binding of an end, as long as it lives. */
  bindingOf({ account, binding }: FlowEnd): Binding | undefined {
    return binding === '' ? undefined : this.options.bindings.live(account).find(({ key }) => key === binding);
  }

  /**
   * The request with our Record-Route towards who sent it.
   *
   * @param account - whose device it is; empty for a sender of another domain, whose later requests find us by our name
   * @param isOfPair - whether all that it is sent to are ends of ours
   * @spec RFC 3261 §16.6 (4), RFC 5658 §4 (one for each end)
   */
  recordedFrom(request: SipRequest, from: Flow, account: string, isOfPair: boolean): SipRequest {
    const { flows, uris } = this.options;
    if (account !== '') flows.keep(from);
    const token = account === '' ? '' : this.tokenFrom(from, account, isOfPair);
    return withTop(request, rawRecordRoute, uris.route(token, from.protocol, isSecureRequest(request)));
  }

  /** Whether a binding is reached over a flow, which a token can name. */
  isEnd({ flow, path }: Binding): boolean {
    return flow !== '' && path.length === 0;
  }

  /** The token of the end that a request is sent to; empty where a URI leads there. */
  tokenFor(binding: Binding, account: string, isOfPair: boolean): string {
    if (!this.isEnd(binding)) return '';
    const { edgeInstance: instance, flow, key } = binding;
    return this.options.tokens.seal({ instance, flow, account, binding: key, isOfPair });
  }

  /** {@link tokenFor} of an end that is known already. */
  tokenOf(end: FlowEnd): string {
    return this.options.tokens.seal(end);
  }

  private tokenFrom(from: Flow, account: string, isOfPair: boolean): string {
    const { instance, bindings, tokens } = this.options;
    const flow = flowNameOf(from);
    const own = bindings.live(account).find((binding) => binding.flow === flow && binding.edgeInstance === instance);
    return tokens.seal({ flow, account, binding: own?.key ?? '', isOfPair });
  }
}
