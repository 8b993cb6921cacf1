/** What goes in the place of a stored copy. */
export interface AmendedCopy {
  /** Sequence in the stream `amendments`; 0: nothing, the message was recalled. */
  readonly content: number;
  /** When the content is no longer delivered; undefined: it is kept until a device took it. */
  readonly expiresAt: number | undefined;
  /** Devices that get the copy as it was: it was on its way to them already. */
  readonly except: readonly string[];
}

/** A request that amended copies. */
export interface Amending {
  /** The same for a repetition of the request. */
  readonly identity: string;
  /** Devices that get what it says in the place of what was stored. */
  readonly devices: readonly string[];
  /** Wall time in milliseconds. */
  readonly at: number;
  /** Whether there is something to deliver. */
  readonly waits: boolean;
}

/** Whether a copy was taken back from all but those to whom it was on its way. */
export function wasRecalled(amended: AmendedCopy | undefined): amended is AmendedCopy {
  return amended?.content === 0;
}

/**
 * What a device gets of a copy: undefined for the copy as it was stored, else what `content` says.
 *
 * @param device - undefined: one to which it is not on its way
 */
export function contentFor(amended: AmendedCopy | undefined, device: string | undefined): number | undefined {
  return device !== undefined && amended?.except.includes(device) === true ? undefined : amended?.content;
}
