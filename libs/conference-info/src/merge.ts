import type { ConferenceInfo, ElementState, Endpoint, SidebarsByVal, Uris, User, Users } from './conference-info.ts';

/** What became of a received document. */
export type Merged =
  /** The local state is now this; when its state is `deleted`, the conference has ceased to exist. */
  | { readonly kind: 'Updated'; readonly info: ConferenceInfo }
  /** The document is not newer than the local state, which stays. */
  | { readonly kind: 'Outdated' }
  /** Something in between was missed: the subscriber must ask for a full document. */
  | { readonly kind: 'Incomplete' };

type Stated<T> = T & { readonly state?: ElementState };

/** An element as it stands in the local state, where everything is told in full. */
function settled<T extends object>(element: Stated<T>): T {
  const { state: _state, ...rest } = element;
  // Only the state went, which T need not have.
  return rest as unknown as T;
}

/**
 * Rows of an element with keys, in the order of their first mention.
 *
 * @param merge - joins an old row with a partial update of it
 */
function mergeRows<T extends { readonly state?: ElementState }>(
  local: readonly T[],
  update: readonly T[],
  keyOf: (row: T) => string,
  merge: (old: T, partial: T) => T,
): readonly T[] {
  const rows = new Map(local.map((row) => [keyOf(row), row]));
  for (const row of update) {
    const key = keyOf(row);
    const old = rows.get(key);
    if (row.state === 'deleted') rows.delete(key);
    else rows.set(key, settled(old !== undefined && row.state === 'partial' ? merge(old, row) : row));
  }
  return [...rows.values()];
}

/** An element with a state of its own: replaced, removed, or joined by `merge` when the update is partial. */
function mergeElement<T extends { readonly state?: ElementState }>(
  local: T | undefined,
  update: T | undefined,
  merge: (old: T, partial: T) => T,
): T | undefined {
  if (update === undefined) return local;
  if (update.state === 'deleted') return undefined;
  return settled(local !== undefined && update.state === 'partial' ? merge(local, update) : update);
}

function mergeUris(old: Uris, partial: Uris): Uris {
  const entries = new Map([...old.entries, ...partial.entries].map((entry) => [entry.uri, entry]));
  return { entries: [...entries.values()] };
}

function mergeEndpoint(old: Endpoint, partial: Endpoint): Endpoint {
  const media = new Map([...(old.media ?? []), ...(partial.media ?? [])].map((stream) => [stream.id, stream]));
  return { ...old, ...partial, ...(media.size === 0 ? {} : { media: [...media.values()] }) };
}

function mergeUser(old: User, partial: User): User {
  const { associatedAors: _oldAors, ...kept } = old;
  const { associatedAors: _newAors, ...changed } = partial;
  const aors = mergeElement(old.associatedAors, partial.associatedAors, mergeUris);
  const endpoints = mergeRows(old.endpoints ?? [], partial.endpoints ?? [], ({ entity = '' }) => entity, mergeEndpoint);
  return {
    ...kept,
    ...changed,
    ...(aors === undefined ? {} : { associatedAors: aors }),
    ...(endpoints.length === 0 && old.endpoints === undefined ? {} : { endpoints }),
  };
}

function mergeUsers(old: Users, partial: Users): Users {
  return { users: mergeRows(old.users, partial.users, ({ entity = '' }) => entity, mergeUser) };
}

function mergeSidebars(old: SidebarsByVal, partial: SidebarsByVal): SidebarsByVal {
  return { entries: mergeRows(old.entries, partial.entries, ({ entity }) => entity, mergeConference) };
}

/** Elements with a state are merged; the others, which have none, are replaced as a whole. */
function mergeConference(old: ConferenceInfo, partial: ConferenceInfo): ConferenceInfo {
  const { users: _users, sidebarsByRef: _byRef, sidebarsByVal: _byVal, ...kept } = old;
  const { users: _newUsers, sidebarsByRef: _newByRef, sidebarsByVal: _newByVal, ...changed } = partial;
  const users = mergeElement(old.users, partial.users, mergeUsers);
  const byRef = mergeElement(old.sidebarsByRef, partial.sidebarsByRef, mergeUris);
  const byVal = mergeElement(old.sidebarsByVal, partial.sidebarsByVal, mergeSidebars);
  return {
    ...kept,
    ...changed,
    ...(users === undefined ? {} : { users }),
    ...(byRef === undefined ? {} : { sidebarsByRef: byRef }),
    ...(byVal === undefined ? {} : { sidebarsByVal: byVal }),
  };
}

/**
 * Takes a received document into the local state of a subscriber.
 *
 * @param local - undefined before the first document
 * @spec RFC 4575 §4.6
 */
export function mergeConferenceInfo(local: ConferenceInfo | undefined, update: ConferenceInfo): Merged {
  const had = local?.version ?? -1;
  const got = update.version ?? 0;
  if (local !== undefined && got <= had) return { kind: 'Outdated' };
  if (update.state !== 'partial') return { kind: 'Updated', info: update };
  if (local === undefined || got !== had + 1) return { kind: 'Incomplete' };
  return { kind: 'Updated', info: { ...mergeConference(local, update), state: 'full' } };
}
