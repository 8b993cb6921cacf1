/** Whether somebody is composing a message. @spec RFC 3994 §3.1 */
export type ComposingState = 'idle' | 'active';

/** A status message. @spec RFC 3994 §3.4 */
export interface IsComposing {
  readonly state: ComposingState;
  /** When the user last added or edited content: an xs:dateTime, which a date-time of RFC 3339 is. */
  readonly lastActive?: string;
  /** What is being composed: a media type such as `text/plain`, or the first half of one; a hint for people. */
  readonly contentType?: string;
  /** Seconds, above 0, after which the next status message may be expected. */
  readonly refresh?: number;
}

/** Media type of status messages. @spec RFC 3994 §8.1 */
export const isComposingType = 'application/im-iscomposing+xml';

/** Namespace of the elements of status messages. @spec RFC 3994 §6 */
export const isComposingNamespace = 'urn:ietf:params:xml:ns:im-iscomposing';
