import type { RawField } from '@parley/sip';

/** Option tag of an INVITE that names others to be invited. @spec RFC 5366 §8 */
export const recipientListInvite = 'recipient-list-invite';

/** Bodies of such an INVITE. */
export const listAccept: RawField = ['Accept', 'multipart/mixed, application/resource-lists+xml'];

/** What a conference URI says of itself to who is in no dialog with it yet. @spec RFC 5366 §5, RFC 3261 §11.2 */
export const listFields: readonly RawField[] = [['Supported', recipientListInvite], listAccept];
