import type { CopyControl, DisplayName, Entry, ListItem, ResourceList, ResourceLists } from './resource-lists.ts';

/** One who is to get a copy, as its sender wrote it. */
export interface Recipient {
  readonly uri: string;
  readonly copyControl: CopyControl;
  readonly anonymize: boolean;
  readonly displayName?: DisplayName;
}

/** Whom a document names. */
export interface Recipients {
  /** In document order, lists within lists included. */
  readonly named: readonly Recipient[];
  /** References to what is stored elsewhere; only a client of XCAP can resolve them. */
  readonly unresolved: readonly string[];
}

/**
 * The entries of a document, hierarchy undone. What stands on a list counts for those in it that say nothing themselves.
 *
 * @spec RFC 5363 §4.1, RFC 5364 §4 (defaults)
 */
export function recipientsOf({ lists }: ResourceLists): Recipients {
  const named: Recipient[] = [];
  const unresolved: string[] = [];
  const take = (item: ListItem, over: Marks): void => {
    if (item.kind === 'list') takeList(item, over);
    else if (item.kind === 'entry') named.push(recipientOf(item, over));
    else unresolved.push(item.kind === 'entry-ref' ? item.ref : (item.anchor ?? ''));
  };
  const takeList = ({ copyControl, anonymize, items }: ResourceList, over: Marks): void => {
    const marks = { copyControl: copyControl ?? over.copyControl, anonymize: anonymize ?? over.anonymize };
    for (const item of items) take(item, marks);
  };
  for (const list of lists) takeList(list, { copyControl: 'bcc', anonymize: false });
  return { named, unresolved };
}

type Marks = Pick<Recipient, 'copyControl' | 'anonymize'>;

function recipientOf({ uri, displayName, copyControl, anonymize }: Entry, over: Marks): Recipient {
  const marks = { copyControl: copyControl ?? over.copyControl, anonymize: anonymize ?? over.anonymize };
  return { uri, ...marks, ...(displayName !== undefined && { displayName }) };
}

const precedence: readonly CopyControl[] = ['to', 'cc', 'bcc'];

/**
 * Each recipient once: in the role of highest precedence among those that it was given, and anonymous when it was to be
 * so once.
 *
 * @param identityOf - the same for two recipients exactly when their URIs are equal by the rules of their scheme
 * @spec RFC 5364 §4, RFC 5363 §4.1
 */
export function uniqueRecipients<R extends Recipient>(
  recipients: readonly R[],
  identityOf: (recipient: R) => string,
): readonly R[] {
  const unique = new Map<string, R>();
  for (const recipient of recipients) {
    const identity = identityOf(recipient);
    const before = unique.get(identity);
    unique.set(identity, before === undefined ? recipient : merged(before, recipient));
  }
  return [...unique.values()];
}

function merged<R extends Recipient>(first: R, other: R): R {
  const isHigher = precedence.indexOf(other.copyControl) < precedence.indexOf(first.copyControl);
  const copyControl = isHigher ? other.copyControl : first.copyControl;
  return { ...first, copyControl, anonymize: first.anonymize || other.anonymize };
}
