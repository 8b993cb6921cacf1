const lf = 0x0a;
const cr = 0x0d;
const hyphen = 0x2d;

/**
 * Finds the lines of one head in a text of one character per octet. A head ends with the first line that is empty
 * (a body follows) or begins with a hyphen (the end-line; no header name begins so).
 *
 * @note Searching for the single LF takes the engine's fastest path; searching for CRLF does not.
 */
export class HeadScan {
  /** Offsets of the LF of each line but the last one; the start line is number 0. */
  readonly ends: Int32Array;
  /** Lines in {@link ends}. */
  count = 0;
  /** Offset of the last line. */
  lastAt = 0;
  /** Offset behind the head. */
  after = 0;
  /** Whether the last line is empty, so that a body follows. */
  hasBody = false;
  /** Whether there were more lines than {@link ends} holds. */
  overflow = false;
  /** Octets of the longest line, its LF included, and where it begins. */
  longest = 0;
  longestAt = 0;
  /** Offset of the first LF without CR before it, or -1. */
  bareLf = -1;

  constructor(maxLines: number) {
    this.ends = new Int32Array(maxLines);
  }

  /** Scans from `start`; false when the head does not end within `text`. */
  scan(text: string, start: number): boolean {
    this.count = 0;
    this.overflow = false;
    this.longest = 0;
    this.bareLf = -1;
    let lineAt = start;
    for (;;) {
      const end = text.indexOf('\n', lineAt);
      if (end === -1) return false;
      if (text.charCodeAt(end - 1) !== cr && this.bareLf === -1) this.bareLf = end;
      if (end - lineAt >= this.longest) {
        this.longest = end - lineAt + 1;
        this.longestAt = lineAt;
      }
      const first = text.charCodeAt(lineAt);
      if (first === hyphen || first === lf || (first === cr && end === lineAt + 1)) {
        this.lastAt = lineAt;
        this.after = end + 1;
        this.hasBody = first !== hyphen;
        return true;
      }
      if (this.count === this.ends.length) this.overflow = true;
      else this.ends[this.count++] = end;
      lineAt = end + 1;
    }
  }
}
