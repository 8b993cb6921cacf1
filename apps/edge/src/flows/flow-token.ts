import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Random } from '@parley/prelude';

/** One end of a dialog, as an edge reaches it. */
export interface FlowEnd {
  /** Edge that has the flow. */
  readonly instance: string;
  /** Name of the flow there. */
  readonly flow: string;
  /** Account whose device it is; empty where nobody was asked. */
  readonly account: string;
  /** Key of the binding that was called, so that a device is found again that came back over another flow; else empty. */
  readonly binding: string;
  /** Whether the other end is ours too, so that requests within the dialog name both. */
  readonly isOfPair: boolean;
}

/** An end as its token is asked for. */
export type SealedEnd = Partial<FlowEnd> & Pick<FlowEnd, 'flow'>;

const cipher = 'aes-256-gcm';
const nonceOctets = 12;
/** Octets of the seal: 96 bits, more than the 80 that RFC 5626 §5.2 takes. */
const sealOctets = 12;

/**
 * Writes an end into the user part of a Record-Route, sealed, so that nobody can make an edge send to a flow that was not
 * given to him, and closed, so that it tells the other end of the dialog no address. The key is that of all edges.
 *
 * @spec RFC 5626 §5.2
 */
export class FlowTokens {
  private readonly instance: string;
  private readonly key: KeyObject;
  private readonly random: Random;

  /**
   * @param instance - this edge
   * @param key - 32 octets, the same for all edges
   */
  constructor(instance: string, key: Uint8Array, random: Random) {
    this.instance = instance;
    // Octets would be made a key at each use, which takes longer than all the rest.
    this.key = createSecretKey(key);
    this.random = random;
  }

  /** A token for a flow, of this edge where no other is named. */
  seal({ instance = this.instance, flow, account = '', binding = '', isOfPair = false }: SealedEnd): string {
    const nonce = this.random.bytes(nonceOctets);
    const sealing = createCipheriv(cipher, this.key, nonce, { authTagLength: sealOctets });
    const text = sealing.update([instance, flow, account, binding, isOfPair ? '2' : '1'].join('\n'), 'utf8');
    return Buffer.concat([nonce, text, sealing.final(), sealing.getAuthTag()]).toString('base64url');
  }

  /** What a token says; undefined when it is not one of our edges'. */
  open(token: string): FlowEnd | undefined {
    const octets = Buffer.from(token, 'base64url');
    if (octets.length <= nonceOctets + sealOctets || octets.toString('base64url') !== token) return undefined;
    const text = this.decipher(octets);
    const [instance, flow, account, binding, ends] = text?.split('\n') ?? [];
    if (instance === undefined || flow === undefined || account === undefined || binding === undefined)
      return undefined;
    return { instance, flow, account, binding, isOfPair: ends === '2' };
  }

  private decipher(octets: Buffer): string | undefined {
    const opening = createDecipheriv(cipher, this.key, octets.subarray(0, nonceOctets), {
      authTagLength: sealOctets,
    });
    opening.setAuthTag(octets.subarray(-sealOctets));
    try {
      return opening.update(octets.subarray(nonceOctets, -sealOctets)).toString('utf8') + opening.final('utf8');
    } catch {
      // The seal does not fit.
      return undefined;
    }
  }
}
