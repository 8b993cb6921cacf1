import type { Dialog } from '@parley/sip-stack';
import type { MediaLines } from './other-media.ts';

/** The dialog that the focus holds with a media server for a participant's audio and video. @spec RFC 3725 §4 */
export interface MediaLeg {
  readonly dialog: Dialog;
  /** Edge that sends its requests. */
  readonly edgeInstance: string;
  /** What it was offered last. */
  readonly offer: Uint8Array;
}

/** What became of the audio and video lines of a description. */
export interface OtherMedia {
  /** Undefined: there is none, and lines that are not answered are refused. */
  readonly leg: MediaLeg | undefined;
  /** How they are answered. */
  readonly lines: MediaLines;
}

/** Nothing but messages. */
export const noOtherMedia: OtherMedia = { leg: undefined, lines: new Map() };
