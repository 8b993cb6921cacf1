import { parseError } from '@parley/prelude';
import type { ParseError } from '@parley/prelude';
import type { ByteRange } from './byte-range.ts';
import type { HeaderField } from './header-field.ts';
import { noHeaderFields } from './header-field.ts';
import type { Path } from './path.ts';
import type { Answerable, MsrpRequestHead } from './request-head.ts';
import type { MsrpResponse } from './response.ts';
import type { StartLine } from './start-line.ts';
import type { Status } from './status.ts';

/** What has been read of a head; becomes a request or a response once nothing is missing. */
export class HeadDraft {
  readonly line: StartLine;
  toPath: Path | undefined = undefined;
  fromPath: Path | undefined = undefined;
  messageId: string | undefined = undefined;
  successReport: MsrpRequestHead['successReport'] = undefined;
  failureReport: MsrpRequestHead['failureReport'] = undefined;
  byteRange: ByteRange | undefined = undefined;
  status: Status | undefined = undefined;
  contentType: string | undefined = undefined;
  fields: HeaderField[] | undefined = undefined;
  /** First thing wrong in the header fields; the frame itself is sound. */
  error: ParseError | undefined = undefined;

  constructor(line: StartLine) {
    this.line = line;
  }

  get isResponse(): boolean {
    return this.line.method === '';
  }

  /** Notes that something is wrong; only the first is kept. */
  fail(rule: string, offset: number, message: string): void {
    this.error ??= parseError(rule, offset, 'RFC 4975 §9', message);
  }

  /** Notes what is missing, once all lines are read. */
  finish(hasBody: boolean): void {
    if (this.toPath === undefined) this.fail('To-Path', 0, 'expected a To-Path');
    if (this.fromPath === undefined) this.fail('From-Path', 0, 'expected a From-Path');
    if (this.isResponse) {
      if (hasBody) this.fail('msrp-response', 0, 'expected no body in a response');
    } else if (hasBody !== (this.contentType !== undefined)) {
      this.fail('content-stuff', 0, hasBody ? 'expected a Content-Type before the body' : 'expected a body');
    }
  }

  /** The request; undefined while a path is missing. */
  request(): MsrpRequestHead | undefined {
    const { line, toPath, fromPath } = this;
    if (toPath === undefined || fromPath === undefined) return undefined;
    return {
      transactionId: line.transactionId,
      method: line.method,
      toPath,
      fromPath,
      messageId: this.messageId,
      successReport: this.successReport,
      failureReport: this.failureReport,
      byteRange: this.byteRange,
      status: this.status,
      contentType: this.contentType,
      fields: this.fields ?? noHeaderFields,
    };
  }

  /** The response; undefined while a path is missing. */
  response(): MsrpResponse | undefined {
    const { toPath, fromPath } = this;
    if (toPath === undefined || fromPath === undefined) return undefined;
    const { transactionId, code, comment } = this.line;
    return { transactionId, code, comment, toPath, fromPath, fields: this.fields ?? noHeaderFields };
  }

  /** What a request with an error can still be answered by. */
  answerable(): Answerable | undefined {
    const { toPath, fromPath, failureReport } = this;
    if (this.isResponse || toPath === undefined || fromPath === undefined) return undefined;
    const { transactionId, method } = this.line;
    return { transactionId, method, toPath, fromPath, failureReport };
  }
}
