import type { SipRequest, SipResponse } from '@parley/sip';
import { readRaw, readRawAll, withAppended, without, withRawField } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import { rawVia } from '../routing/raw-route.ts';

/** Requests at a time whose sender is veiled; the oldest go first, and their responses then pass as they are. */
const mostVeiled = 65_536;

/** What the sender of a request knows it by: put back into its responses. */
interface Veiled {
  readonly from: string;
  readonly via: readonly string[];
}

/** The requests whose From and Via are hidden from those behind us, until they are answered. @spec RFC 3323 §5.3 */
export class Veils {
  private readonly byTransaction = new Map<ServerTransaction, Veiled>();

  get size(): number {
    return this.byTransaction.size;
  }

  /** Notes how a request came. */
  note(transaction: ServerTransaction, came: SipRequest): void {
    const veiled = { from: readRaw(came, 'From') ?? '', via: readRawAll(came, 'Via') };
    this.byTransaction.set(transaction, veiled);
    const [oldest] = this.byTransaction.keys();
    if (this.byTransaction.size > mostVeiled && oldest !== undefined) this.byTransaction.delete(oldest);
  }

  /** The response as its request asked for it: with the From and Via that it came with. */
  lifted(transaction: ServerTransaction, response: SipResponse): SipResponse {
    const veiled = this.byTransaction.get(transaction);
    if (veiled === undefined) return response;
    if (response.statusCode >= 200) this.byTransaction.delete(transaction);
    const bare = without(withRawField(response, 'From', veiled.from), rawVia);
    return veiled.via.reduce((next, via) => withAppended(next, rawVia, via), bare);
  }
}
