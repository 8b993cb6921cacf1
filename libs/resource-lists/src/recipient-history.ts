import type { Recipient } from './recipients.ts';
import type { CopyControl, Entry, ResourceLists } from './resource-lists.ts';

/** Stands for those who are not disclosed. @spec RFC 5364 §4 */
export const anonymousUri = 'sip:anonymous@anonymous.invalid';

/**
 * The list that every recipient gets: those of `to` and `cc` by their URIs, or counted where they are to stay anonymous;
 * blind ones not at all, so that it is the same for everybody.
 *
 * @returns undefined when nobody is to be seen
 * @spec RFC 5364 §4 (first treatment of bcc), §6
 */
export function recipientHistory(recipients: readonly Recipient[]): ResourceLists | undefined {
  const items = [...visible(recipients, 'to'), ...visible(recipients, 'cc')];
  return items.length === 0 ? undefined : { lists: [{ kind: 'list', items }] };
}

function visible(recipients: readonly Recipient[], copyControl: Exclude<CopyControl, 'bcc'>): readonly Entry[] {
  const ofRole = recipients.filter((recipient) => recipient.copyControl === copyControl);
  const entries = ofRole
    .filter(({ anonymize }) => !anonymize)
    .map(({ uri, displayName }): Entry => ({ kind: 'entry', uri, copyControl, ...(displayName && { displayName }) }));
  const hidden = ofRole.length - entries.length;
  return hidden === 0 ? entries : [...entries, { kind: 'entry', uri: anonymousUri, copyControl, count: hidden }];
}
