import { parseByteRange } from './byte-range.ts';
import { isHeaderName, isIdent } from './characters.ts';
import type { HeadDraft } from './head-draft.ts';
import type { MsrpLimits } from './limits.ts';
import { isMediaType } from './media-type.ts';
import { ownText } from './own-text.ts';
import type { Path } from './path.ts';
import { parsePath } from './path.ts';
import { parseStatus } from './status.ts';
import { isUtf8Text } from './utf8-text.ts';

const canonicalNames: ReadonlyMap<string, string> = new Map(
  [
    'To-Path',
    'From-Path',
    'Message-ID',
    'Success-Report',
    'Failure-Report',
    'Byte-Range',
    'Status',
    'Content-Type',
  ].map((name) => [name.toLowerCase(), name]),
);

/**
 * Puts header fields into a draft, each through its one parser. One per reader: it remembers the last value of the
 * paths and of Content-Type, since the next message on a connection nearly always repeats them.
 */
export class FieldReader {
  readonly #limits: MsrpLimits;
  #lastToPath: Path | undefined;
  #lastFromPath: Path | undefined;
  #lastContentType = '';

  constructor(limits: MsrpLimits) {
    this.#limits = limits;
  }

  /** Reads one header field into `draft`; `offset` is that of its line. */
  read(draft: HeadDraft, name: string, value: string, offset: number): void {
    if (name === 'To-Path') this.#toPath(draft, value, offset);
    else if (name === 'From-Path') this.#fromPath(draft, value, offset);
    else if (draft.isResponse) this.#other(draft, name, value, offset);
    else this.#requestField(draft, name, value, offset);
  }

  #requestField(draft: HeadDraft, name: string, value: string, offset: number): void {
    switch (name) {
      case 'Message-ID':
        if (draft.messageId !== undefined) draft.fail(name, offset, 'expected the field once');
        else if (!isIdent(value, this.#limits.identLength)) draft.fail(name, offset, 'expected an ident');
        else draft.messageId = ownText(value);
        return;
      case 'Byte-Range':
        this.#byteRange(draft, value, offset);
        return;
      case 'Content-Type':
        this.#contentType(draft, value, offset);
        return;
      case 'Success-Report':
      case 'Failure-Report':
        this.#reportField(draft, name, value.toLowerCase(), offset);
        return;
      case 'Status':
        this.#status(draft, value, offset);
        return;
      default:
        this.#other(draft, name, value, offset);
    }
  }

  /** A field whose name is not one of ours as spelt: another spelling of one of ours, or one that is carried along. */
  #other(draft: HeadDraft, name: string, value: string, offset: number): void {
    const canonical = canonicalNames.get(name.toLowerCase());
    const isPath = canonical === 'To-Path' || canonical === 'From-Path';
    if (canonical !== undefined && (isPath || !draft.isResponse)) this.read(draft, canonical, value, offset);
    else if (!isHeaderName(name)) draft.fail('hname', offset, 'expected a header name');
    else if (!isUtf8Text(value)) draft.fail('hval', offset, 'expected UTF-8 without controls');
    else (draft.fields ??= []).push({ name, value });
  }

  #toPath(draft: HeadDraft, value: string, offset: number): void {
    const path = this.#path(draft, 'To-Path', value, offset, draft.toPath, this.#lastToPath);
    if (path !== undefined) draft.toPath = this.#lastToPath = path;
  }

  #fromPath(draft: HeadDraft, value: string, offset: number): void {
    const path = this.#path(draft, 'From-Path', value, offset, draft.fromPath, this.#lastFromPath);
    if (path !== undefined) draft.fromPath = this.#lastFromPath = path;
  }

  #path(
    draft: HeadDraft,
    rule: string,
    value: string,
    offset: number,
    before: Path | undefined,
    last: Path | undefined,
  ): Path | undefined {
    if (before !== undefined) draft.fail(rule, offset, 'expected the field once');
    else if (last?.text === value) return last;
    else {
      const path = parsePath(ownText(value), this.#limits.pathUris);
      if (path.ok) return path.value;
      draft.fail(rule, offset, path.error.message);
    }
    return undefined;
  }

  #byteRange(draft: HeadDraft, value: string, offset: number): void {
    const range = parseByteRange(value);
    if (draft.byteRange !== undefined) draft.fail('Byte-Range', offset, 'expected the field once');
    else if (range.ok) draft.byteRange = range.value;
    else draft.fail('Byte-Range', offset, range.error.message);
  }

  #status(draft: HeadDraft, value: string, offset: number): void {
    const status = parseStatus(value);
    if (draft.status !== undefined) draft.fail('Status', offset, 'expected the field once');
    else if (status.ok) draft.status = status.value;
    else draft.fail('Status', offset, status.error.message);
  }

  #contentType(draft: HeadDraft, value: string, offset: number): void {
    if (draft.contentType !== undefined) draft.fail('Content-Type', offset, 'expected the field once');
    else if (value === this.#lastContentType) draft.contentType = this.#lastContentType;
    else if (isMediaType(value)) draft.contentType = this.#lastContentType = ownText(value);
    else draft.fail('media-type', offset, 'expected type/subtype and parameters');
  }

  #reportField(draft: HeadDraft, name: 'Success-Report' | 'Failure-Report', value: string, offset: number): void {
    const before = name === 'Success-Report' ? draft.successReport : draft.failureReport;
    if (before !== undefined) draft.fail(name, offset, 'expected the field once');
    else if (value === 'yes' || value === 'no') {
      if (name === 'Success-Report') draft.successReport = value;
      else draft.failureReport = value;
    } else if (value === 'partial' && name === 'Failure-Report') draft.failureReport = value;
    else draft.fail(name, offset, 'expected yes, no or, for failures, partial');
  }
}
