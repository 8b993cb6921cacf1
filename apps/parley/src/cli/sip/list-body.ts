import { newBoundary, serialiseMultipart } from '@parley/mime';
import type { Random } from '@parley/prelude';
import type { CopyControl, Entry } from '@parley/resource-lists';
import { resourceListsType, serialiseResourceLists } from '@parley/resource-lists';
import type { MessageParts } from '@parley/ua';

/** Somebody who gets a message, and in which role. */
export interface Addressee {
  readonly uri: string;
  readonly copyControl: CopyControl;
}

/** A message with the list of those whom it is for, as the list service takes it. @spec RFC 5365 §6 */
export function listBody(message: MessageParts, addressees: readonly Addressee[], random: Random): MessageParts {
  const items = addressees.map((addressee): Entry => ({ kind: 'entry', ...addressee }));
  const boundary = newBoundary(random);
  const parts = [
    { fields: [{ name: 'Content-Type', value: message.contentType }], body: message.body },
    {
      fields: [
        { name: 'Content-Type', value: resourceListsType },
        { name: 'Content-Disposition', value: 'recipient-list' },
      ],
      body: serialiseResourceLists({ lists: [{ kind: 'list', items }] }),
    },
  ];
  return {
    contentType: `multipart/mixed;boundary=${boundary}`,
    fields: [['Require', 'recipient-list-message']],
    body: serialiseMultipart({ parts }, boundary),
  };
}
