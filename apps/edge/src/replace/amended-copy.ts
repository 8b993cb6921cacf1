/** What goes in the place of a stored copy. */
export interface InPlace {
  /** Sequence in the stream `amendments`; 0: nothing. */
  readonly content: number;
  /** When the content is no longer delivered; undefined: it is kept until a device took it. */
  readonly expiresAt: number | undefined;
}

/** What one device gets all the same: that was on its way to it already. With the content 0, the copy as it was stored. */
export interface KeptCopy extends InPlace {
  readonly device: string;
}

/** A copy that was replaced or, with the content 0, recalled. */
export interface AmendedCopy extends InPlace {
  readonly kept: readonly KeptCopy[];
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

/** Devices that an amendment came too late for. */
export function keepersOf(amended: AmendedCopy | undefined): readonly string[] {
  return amended?.kept.map(({ device }) => device) ?? [];
}

/**
 * What a device gets in the place of a copy; undefined: the copy as it was stored.
 *
 * @param device - undefined: one to which it is not on its way
 */
export function inPlaceFor(amended: AmendedCopy | undefined, device: string | undefined): InPlace | undefined {
  const kept = device === undefined ? undefined : amended?.kept.find((each) => each.device === device);
  if (kept === undefined) return amended;
  return kept.content === 0 ? undefined : kept;
}

/** The copy as it is amended once more: devices to which it is on its way keep what they are being sent. */
export function amendedAgain(before: AmendedCopy | undefined, next: InPlace, keepers: readonly string[]): AmendedCopy {
  const asStored: InPlace = { content: 0, expiresAt: undefined };
  const kept = keepers.map((device): KeptCopy => {
    const { content, expiresAt } = inPlaceFor(before, device) ?? asStored;
    return { device, content, expiresAt };
  });
  return { content: next.content, expiresAt: next.expiresAt, kept };
}

/** Contents that some device still gets. */
export function contentsOf(amended: AmendedCopy | undefined): readonly number[] {
  if (amended === undefined) return [];
  return [amended, ...amended.kept].map(({ content }) => content).filter((content) => content !== 0);
}

/** When the last of what devices get of a copy ends; undefined: never. @param asStored - end of the copy itself */
export function lastEndOf(amended: AmendedCopy, asStored: number | undefined): number | undefined {
  const kept = amended.kept.map(({ content, expiresAt }) => (content === 0 ? asStored : expiresAt));
  const ends = amended.content === 0 ? [asStored, ...kept] : [amended.expiresAt, ...kept];
  const finite = ends.filter((end) => end !== undefined);
  return finite.length < ends.length ? undefined : Math.max(...finite);
}
