export { defaultListLimits } from './limits.ts';
export { parseResourceLists, readResourceLists } from './read.ts';
export { anonymousUri, recipientHistory } from './recipient-history.ts';
export type { Recipient, Recipients } from './recipients.ts';
export { recipientsOf, uniqueRecipients } from './recipients.ts';
export type {
  CopyControl,
  CopyMarks,
  DisplayName,
  Entry,
  EntryRef,
  External,
  ListItem,
  ResourceList,
  ResourceLists,
} from './resource-lists.ts';
export { copyControlNamespace, resourceListsNamespace, resourceListsType } from './resource-lists.ts';
export { serialiseResourceLists } from './write.ts';
