import type { SipRequest } from '@parley/sip';
import { field, read, readRaw, without, withRawField } from '@parley/sip';
import { isInDialog, makesDialog } from '../routing/dialog-requests.ts';

/** What a request asks to be kept private. @spec RFC 3323 §4.2 */
export interface PrivacyWish {
  readonly user: boolean;
  readonly header: boolean;
  readonly session: boolean;
  /** Rather not at all than in the open. */
  readonly critical: boolean;
}

/** Fields that say something of the user and that no hop needs. @spec RFC 3323 §4.1.1, §5.3 */
const informational = ['Subject', 'Call-Info', 'Organization', 'User-Agent', 'Reply-To', 'In-Reply-To'];

/** From of somebody who is not named. @spec RFC 3323 §4.1.1.3 */
const anonymous = '"Anonymous" <sip:anonymous@anonymous.invalid>';

/** The wish of a request; undefined where it has none that this service is for. `id` is the business of RFC 3325. */
export function privacyWish(request: SipRequest): PrivacyWish | undefined {
  if (readRaw(request, 'Privacy') === undefined) return undefined;
  const privacy = read(request, field.privacy);
  const values = new Set(privacy.ok ? privacy.value?.map((value) => value.toLowerCase()) : []);
  if (values.has('none')) return undefined;
  const [user, header, session] = [values.has('user'), values.has('header'), values.has('session')];
  return user || header || session ? { user, header, session, critical: values.has('critical') } : undefined;
}

/**
 * Whether all of a wish can be granted. What dialogs need (From, Contact, the addresses of media) stays as it is: hiding
 * it takes a back-to-back user agent for as long as the dialog lasts, which this proxy is not.
 *
 * @spec RFC 3323 §5.3
 */
export function canGrant(wish: PrivacyWish, request: SipRequest): boolean {
  return !wish.session && !makesDialog(request) && !isInDialog(request);
}

/** The request as it leaves under a wish: who sent it and by which hosts it came is not in it. @spec RFC 3323 §5.1, §5.3 */
export function veiled(request: SipRequest, wish: PrivacyWish): SipRequest {
  let veil = request;
  if (wish.user) for (const name of informational) veil = without(veil, { name });
  if (!canGrant(wish, request)) return veil;
  if (wish.user) veil = withAnonymousFrom(veil);
  if (wish.header) veil = without(without(veil, field.via), field.contact);
  return withoutGranted(veil, wish);
}

function withAnonymousFrom(request: SipRequest): SipRequest {
  const from = read(request, field.from);
  const tag = from.ok ? from.value?.tag : undefined;
  return withRawField(request, 'From', tag === undefined ? anonymous : `${anonymous};tag=${tag}`);
}

/** What was done is not asked of the next hop again. @spec RFC 3323 §5 */
function withoutGranted(request: SipRequest, wish: PrivacyWish): SipRequest {
  const privacy = read(request, field.privacy);
  const granted = new Set([...(wish.user ? ['user'] : []), ...(wish.header ? ['header'] : []), 'critical']);
  const left = (privacy.ok ? (privacy.value ?? []) : []).filter((value) => !granted.has(value.toLowerCase()));
  return left.length === 0 ? without(request, field.privacy) : withRawField(request, 'Privacy', left.join(';'));
}
