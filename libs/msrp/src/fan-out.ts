import type { Path } from './path.ts';
import { linesBehindPaths } from './serialise.ts';
import type { SharedHead } from './serialise.ts';

/** One message prepared for many recipients. */
export interface FanOut {
  /** Head for one recipient, up to and including the empty line; `paths` comes from {@link pathLines}. */
  head(transactionId: string, paths: string): string;
}

/** The path lines of one session's requests; the same for as long as the session lasts, so make them once. */
export function pathLines(toPath: Path, fromPath: Path): string {
  return `\r\nTo-Path: ${toPath.text}\r\nFrom-Path: ${fromPath.text}\r\n`;
}

/** Writes once what all recipients of a message share; what is left per recipient is joining four strings. */
export function prepareFanOut(shared: SharedHead): FanOut {
  const method = ` ${shared.method}`;
  const behind = linesBehindPaths(shared);
  return { head: (transactionId, paths) => `MSRP ${transactionId}${method}${paths}${behind}` };
}
