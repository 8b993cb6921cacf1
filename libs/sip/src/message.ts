import type { HeaderFields } from './header-fields.ts';

/** A request as it came off the wire or is about to go on it; fields stay text until somebody reads them. */
export interface SipRequest {
  readonly kind: 'request';
  /** Case-sensitive token. @spec RFC 3261 §7.1 */
  readonly method: string;
  /** Head text as it came; `parseUri` gives its parts. */
  readonly requestUri: string;
  readonly fields: HeaderFields;
  /** Octets after the blank line; a view on the bytes that were parsed, never a copy. */
  readonly body: Uint8Array;
}

/** A response as it came off the wire or is about to go on it. */
export interface SipResponse {
  readonly kind: 'response';
  /** 100 to 699. */
  readonly statusCode: number;
  /** Head text: one character per octet; `decodeText` gives the Unicode it spells. */
  readonly reasonPhrase: string;
  readonly fields: HeaderFields;
  /** Octets after the blank line; a view on the bytes that were parsed, never a copy. */
  readonly body: Uint8Array;
}

/** Either half of a transaction. @spec RFC 3261 §7 */
export type SipMessage = SipRequest | SipResponse;

/** The same message with other fields, and another body where one is given. */
export function rebuild<M extends SipMessage>(message: M, fields: HeaderFields, body: Uint8Array = message.body): M {
  const rebuilt: SipMessage =
    message.kind === 'request'
      ? { kind: 'request', method: message.method, requestUri: message.requestUri, fields, body }
      : { kind: 'response', statusCode: message.statusCode, reasonPhrase: message.reasonPhrase, fields, body };
  // The kind is kept, and M can only be a kind of SipMessage: TypeScript does not follow that through a type parameter.
  return rebuilt as M;
}
