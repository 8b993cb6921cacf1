/** Media type of the documents. @spec RFC 4826 §3.4.2 */
export const resourceListsType = 'application/resource-lists+xml';
/** Namespace of their elements. @spec RFC 4826 §3.1 */
export const resourceListsNamespace = 'urn:ietf:params:xml:ns:resource-lists';
/** Namespace of the attributes that say how a recipient gets its copy. @spec RFC 5364 §5 */
export const copyControlNamespace = 'urn:ietf:params:xml:ns:copycontrol';

/** In which role a recipient gets its copy; who has no role is a blind one. @spec RFC 5364 §4 */
export type CopyControl = 'to' | 'cc' | 'bcc';

/** A name for people, and the language that it is in (`xml:lang`). */
export interface DisplayName {
  readonly text: string;
  readonly language?: string;
}

/** What may stand on every child of a list. @spec RFC 5364 §4 */
export interface CopyMarks {
  /** Absent: `bcc`. */
  readonly copyControl?: CopyControl;
  /** Whether others see that there is somebody, but not who. */
  readonly anonymize?: boolean;
  /** How many resources the item stands for; absent: 1. */
  readonly count?: number;
}

interface Item extends CopyMarks {
  readonly displayName?: DisplayName;
}

/** One resource. @spec RFC 4826 §3.1 */
export interface Entry extends Item {
  readonly kind: 'entry';
  /** Any URI, as it was written. */
  readonly uri: string;
}

/** An entry elsewhere below the same XCAP root. @spec RFC 4826 §3.1 */
export interface EntryRef extends Item {
  readonly kind: 'entry-ref';
  /** A relative path reference. */
  readonly ref: string;
}

/** A list on this or another XCAP server. @spec RFC 4826 §3.1 */
export interface External extends Item {
  readonly kind: 'external';
  /** An absolute HTTP URI. The schema lets it be absent, the text does not. */
  readonly anchor?: string;
}

/** A list of resources, other lists among them. @spec RFC 4826 §3.1 */
export interface ResourceList extends Item {
  readonly kind: 'list';
  readonly name?: string;
  readonly items: readonly ListItem[];
}

/** What a list is made of. */
export type ListItem = Entry | EntryRef | External | ResourceList;

/** A resource lists document. @spec RFC 4826 §3.1 */
export interface ResourceLists {
  readonly lists: readonly ResourceList[];
}
