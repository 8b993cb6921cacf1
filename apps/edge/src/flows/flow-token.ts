import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '@parley/prelude';

/** What a token of ours says: the flows that a dialog's requests take, by name. */
export interface FlowPair {
  /** Towards who sent the request that made the dialog. */
  readonly caller: string;
  /** Towards who answered it; empty where a service of ours did. */
  readonly callee: string;
}

/** Octets of the seal: 80 bits, as many as RFC 5626 §5.2 takes. */
const sealOctets = 10;

/**
 * Writes flows into the user part of Record-Route and Path URIs, sealed, so that nobody can make this edge send to a
 * flow that was not given to him.
 *
 * @spec RFC 5626 §5.2
 */
export class FlowTokens {
  private readonly instance: string;
  private readonly key: Uint8Array;

  constructor(instance: string, random: Random) {
    this.instance = instance;
    this.key = random.bytes(32);
  }

  seal({ caller, callee }: FlowPair): string {
    const text = `${this.instance}|${caller}|${callee}`;
    return Buffer.concat([this.mac(text), Buffer.from(text, 'latin1')]).toString('base64url');
  }

  /** What a token says; undefined when it is not one of this edge's. */
  open(token: string): FlowPair | undefined {
    const octets = Buffer.from(token, 'base64url');
    if (octets.length <= sealOctets || octets.toString('base64url') !== token) return undefined;
    const text = octets.toString('latin1', sealOctets);
    if (!timingSafeEqual(octets.subarray(0, sealOctets), this.mac(text))) return undefined;
    const [instance, caller, callee] = text.split('|');
    if (instance !== this.instance || caller === undefined || callee === undefined) return undefined;
    return { caller, callee };
  }

  private mac(text: string): Buffer {
    return createHmac('sha256', this.key).update(text, 'latin1').digest().subarray(0, sealOctets);
  }
}
