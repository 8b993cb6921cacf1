import { parseError } from '@parley/prelude';
import type { ParseError } from '@parley/prelude';
import { FieldReader } from './field-reader.ts';
import { HeadDraft } from './head-draft.ts';
import type { HeadScan } from './head-scan.ts';
import type { MsrpLimits } from './limits.ts';
import { readStartLine } from './start-line.ts';

const section = 'RFC 4975 §9';
const space = 0x20;
const tab = 0x09;

const isBlank = (code: number): boolean => code === space || code === tab;

/**
 * Reads the lines that a {@link HeadScan} found into a draft.
 *
 * @deviation names in any case and fields in any order are read: RFC 5234 §2.3 has the first, nothing depends on the
 * second. White space around a value is dropped.
 */
export class HeadParser {
  readonly #limits: MsrpLimits;
  readonly #fields: FieldReader;

  constructor(limits: MsrpLimits) {
    this.#limits = limits;
    this.#fields = new FieldReader(limits);
  }

  /** Reads the head at `start`; a `ParseError` says that its frame cannot be followed. */
  read(text: string, start: number, scan: HeadScan): HeadDraft | ParseError {
    const broken = this.#brokenFrame(text, start, scan);
    if (broken !== undefined) return broken;
    const end = scan.ends[0] ?? 0;
    const line = readStartLine(text, start, end - 1, this.#limits.identLength);
    if ('rule' in line) return line;
    const draft = new HeadDraft(line);
    let lineAt = end + 1;
    for (let i = 1; i < scan.count; i++) {
      const lineEnd = scan.ends[i] ?? 0;
      this.#readLine(draft, text, lineAt, lineEnd - 1, start);
      lineAt = lineEnd + 1;
    }
    draft.finish(scan.hasBody);
    return draft;
  }

  /** What makes the other side's idea of lines differ from ours, or passes a limit. */
  #brokenFrame(text: string, start: number, scan: HeadScan): ParseError | undefined {
    const { headBytes, lineBytes, headerCount } = this.#limits;
    if (!text.startsWith('MSRP ', start)) return parseError('pMSRP', 0, section, 'expected "MSRP "');
    if (scan.after - start > headBytes) return tooLong(headBytes);
    if (scan.overflow) return parseError('headers', 0, section, `expected at most ${headerCount} header fields`);
    if (scan.longest > lineBytes) {
      return parseError('line', scan.longestAt - start, section, `expected a line of at most ${lineBytes} octets`);
    }
    if (scan.bareLf !== -1) return parseError('CRLF', scan.bareLf - start, section, 'expected CR before LF');
    return undefined;
  }

  #readLine(draft: HeadDraft, text: string, start: number, end: number, head: number): void {
    const colon = text.indexOf(':', start);
    if (colon === -1 || colon > end) {
      draft.fail('header', start - head, 'expected name: value');
      return;
    }
    let from = colon + 1;
    let to = end;
    while (from < to && isBlank(text.charCodeAt(from))) from++;
    while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
    this.#fields.read(draft, text.slice(start, colon), text.slice(from, to), start - head);
  }
}

/** The error of a head that is longer than the limit, found before or after its end came. */
export function tooLong(headBytes: number): ParseError {
  return parseError('headers', 0, section, `expected a head of at most ${headBytes} octets`);
}
