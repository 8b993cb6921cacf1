/** Bounds on a description; what is beyond is refused before it is looked at. */
export interface SdpLimits {
  /** Octets of the whole description; the fullest offers of browsers stay below 20 KiB. */
  readonly maxOctets: number;
  /** Lines of the whole description, which bounds attributes as well. */
  readonly maxLines: number;
  /** Media descriptions, each of which an answer must repeat. */
  readonly maxMedia: number;
}

/** Limits that fit offers of instant messaging, audio and video together. */
export const defaultSdpLimits: SdpLimits = { maxOctets: 65_536, maxLines: 2048, maxMedia: 64 };
