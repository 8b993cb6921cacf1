/** Limits of the registrar, all in its answers. */
export interface RegistrarRules {
  /** Seconds; a shorter wish, 0 aside, is answered 423 with Min-Expires. @spec RFC 3261 §10.3 step 7 */
  readonly minExpires: number;
  /** Seconds given to a device that wishes nothing. */
  readonly defaultExpires: number;
  /** Seconds; a longer wish is cut to this. */
  readonly maxExpires: number;
  /** Bindings of one address-of-record, so that one account cannot fill the store or multiply messages. */
  readonly maxBindings: number;
  /**
   * Seconds between the keep-alives that a device promises for its flow: 120, the longest that RFC 5626 §4.4.1 has for
   * connections; 29 over UDP, below the 30 after which NATs forget (§4.4.2).
   */
  readonly flowTimer: { readonly connection: number; readonly udp: number };
}

/** Rules where no setting says otherwise. */
export const defaultRegistrarRules: RegistrarRules = {
  minExpires: 60,
  defaultExpires: 3600,
  maxExpires: 86_400,
  maxBindings: 32,
  flowTimer: { connection: 120, udp: 29 },
};
