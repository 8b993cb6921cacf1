import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { decodeBase64 } from './base64.ts';
import type { MimeEntity } from './entity.ts';
import { skipCfws, tokenAt } from './grammar.ts';
import { fieldValue } from './header-field.ts';
import { decodeQuotedPrintable } from './quoted-printable.ts';

/** How a body is written; the first three leave it as it is. */
export type TransferEncoding = '7bit' | '8bit' | 'binary' | 'quoted-printable' | 'base64';

const known: readonly TransferEncoding[] = ['7bit', '8bit', 'binary', 'quoted-printable', 'base64'];

/** Parses the value of Content-Transfer-Encoding. @returns an error for an encoding that nobody here can undo */
export function parseTransferEncoding(text: string): Result<TransferEncoding, ParseError> {
  const mechanism = tokenAt(text, skipCfws(text, 0)).toLowerCase();
  const found = known.find((encoding) => encoding === mechanism);
  if (found !== undefined) return ok(found);
  return err(parseError('mechanism', 0, 'RFC 2045 §6.1', `expected one of ${known.join(', ')}`));
}

/** The body with its transfer encoding undone: the view itself where there is nothing to undo. @spec RFC 2045 §6 */
export function decodedBody(entity: MimeEntity): Result<Uint8Array, ParseError> {
  const encoding = parseTransferEncoding(fieldValue(entity.fields, 'Content-Transfer-Encoding') ?? '7bit');
  if (!encoding.ok) return encoding;
  if (encoding.value === 'base64') return ok(decodeBase64(entity.body));
  return ok(encoding.value === 'quoted-printable' ? decodeQuotedPrintable(entity.body) : entity.body);
}
