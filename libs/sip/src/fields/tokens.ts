import { code } from '../grammar/characters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { list, single } from './define.ts';

const aToken = (s: Scanner): string => s.token();

/** Methods the sender supports. @spec RFC 3261 §20.5 */
export const allow: HeaderDefinition<string> = list({ name: 'Allow', mayBeEmpty: true }, aToken, String);

/** Event packages the sender supports. @spec RFC 6665 §8.2.2 */
export const allowEvents: HeaderDefinition<string> = list({ name: 'Allow-Events', compact: 'u' }, aToken, String);

/** Option tags the sender supports. @spec RFC 3261 §20.37 */
export const supported: HeaderDefinition<string> = list(
  { name: 'Supported', compact: 'k', mayBeEmpty: true },
  aToken,
  String,
);

/** Option tags the UAS must support. @spec RFC 3261 §20.32 */
export const require: HeaderDefinition<string> = list('Require', aToken, String);

/** Option tags every proxy must support. @spec RFC 3261 §20.29 */
export const proxyRequire: HeaderDefinition<string> = list('Proxy-Require', aToken, String);

/** Option tags that a 420 complains of. @spec RFC 3261 §20.40 */
export const unsupported: HeaderDefinition<string> = list('Unsupported', aToken, String);

/** Codings of the body, in the order they were applied. @spec RFC 3261 §20.12 */
export const contentEncoding: HeaderDefinition<string> = list(
  { name: 'Content-Encoding', compact: 'e' },
  aToken,
  String,
);

/** Languages of the body. @spec RFC 3261 §20.13 */
export const contentLanguage: HeaderDefinition<string> = list('Content-Language', aToken, String);

/** How the caller wants the request treated. @spec RFC 3841 §9.1 */
export const requestDisposition: HeaderDefinition<string> = list(
  { name: 'Request-Disposition', compact: 'd' },
  aToken,
  String,
);

/** Entity-tag of a publication. @spec RFC 3903 §11.3.1 */
export const sipEtag: HeaderDefinition<string> = single('SIP-ETag', aToken, String);

/** Entity-tag that a publication refreshes, changes or removes. @spec RFC 3903 §11.3.2 */
export const sipIfMatch: HeaderDefinition<string> = single('SIP-If-Match', aToken, String);

/** Entity-tag that makes a notification unnecessary; `*` for any. @spec RFC 5839 §7.3 */
export const suppressIfMatch: HeaderDefinition<string> = single('Suppress-If-Match', aToken, String);

/** How urgent the request is; `emergency`, `urgent`, `normal`, `non-urgent` or another. @spec RFC 3261 §20.26 */
export const priority: HeaderDefinition<string> = single('Priority', aToken, String);

/** What the user wants kept private; the values that semicolons separate. @spec RFC 3323 §4.2 */
export const privacy: HeaderDefinition<readonly string[]> = single(
  'Privacy',
  (s) => {
    const values = [s.token('priv-value')];
    while (s.separator(code.semicolon)) values.push(s.token('priv-value'));
    return values;
  },
  (values) => values.join(';'),
);

/** Version of MIME the body keeps to, `1.0`. @spec RFC 3261 §20.24 */
export const mimeVersion: HeaderDefinition<string> = single(
  'MIME-Version',
  (s) => {
    const version = s.token('MIME-Version');
    if (!/^[0-9]+\.[0-9]+$/.test(version)) s.fail('MIME-Version', 'expected two numbers and a point');
    return version;
  },
  String,
);
