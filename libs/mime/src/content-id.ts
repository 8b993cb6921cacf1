import type { Brand, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';

/** The `addr-spec` of a Content-ID, without its angle brackets. */
export type ContentId = Brand<string, 'ContentId'>;

const msgId = /^[ \t]*<([!-;=?A-~]+@[!-;=?A-~]+)>[ \t]*$/;

/** Parses the value of a Content-ID field. @spec RFC 2045 §7 */
export function parseContentId(text: string): Result<ContentId, ParseError> {
  const id = msgId.exec(text)?.[1];
  // The brand is earned by the match above.
  if (id !== undefined) return ok(id as ContentId);
  return err(parseError('id', 0, 'RFC 2045 §7', 'expected "<" addr-spec ">"'));
}

/** The text of a Content-ID field. @spec RFC 2045 §7 */
export function serialiseContentId(id: ContentId): string {
  return `<${id}>`;
}

/** The URL by which another part refers to the part with this Content-ID. @spec RFC 2392 §2 */
export function cidUrl(id: ContentId): string {
  const escaped = id.replace(
    /[^A-Za-z0-9@$\-_.+!*'(),&=:]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return `cid:${escaped}`;
}

/** The Content-ID that a `cid:` URL names, its percent escapes undone. @spec RFC 2392 §2 */
export function parseCidUrl(url: string): Result<ContentId, ParseError> {
  const refused = parseError('cid-url', 0, 'RFC 2392 §2', 'expected "cid:" and a Content-ID');
  if (!/^cid:/i.test(url)) return err(refused);
  const octets = url.slice(4).replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const id = parseContentId(`<${octets}>`);
  return id.ok ? id : err(refused);
}
