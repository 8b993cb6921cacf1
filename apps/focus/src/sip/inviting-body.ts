import type { MimeEntity } from '@parley/mime';
import { parseBoundary, serialiseMultipart } from '@parley/mime';
import { unwrap } from '@parley/prelude';
import { resourceListsType } from '@parley/resource-lists';
import { nodeBytes } from '@parley/service';

/**
 * The body of an INVITE to somebody who is called: an offer, and who else is invited where that is known.
 *
 * @param boundary - what occurs in neither
 * @spec RFC 5366 §5
 */
export function invitingBody(
  offer: Uint8Array,
  history: Uint8Array | undefined,
  boundary: string,
): { readonly contentType: string; readonly body: Uint8Array } {
  if (history === undefined) return { contentType: 'application/sdp', body: offer };
  const parts: readonly MimeEntity[] = [
    { fields: [{ name: 'Content-Type', value: 'application/sdp' }], body: offer },
    {
      fields: [
        { name: 'Content-Type', value: resourceListsType },
        { name: 'Content-Disposition', value: 'recipient-list-history; handling=optional' },
      ],
      body: history,
    },
  ];
  const body = serialiseMultipart({ parts }, unwrap(parseBoundary(boundary)), nodeBytes);
  return { contentType: `multipart/mixed;boundary="${boundary}"`, body };
}
