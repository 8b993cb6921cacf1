import type { RosterParticipant } from './roster.ts';
import { looksAlike } from './roster.ts';
import type { View } from './view.ts';

/** What a document has to tell of one user. */
export type UserChange =
  /** All of it. */
  | { readonly kind: 'full'; readonly uri: string; readonly devices: readonly RosterParticipant[] }
  /** Devices that came, changed or went, while what is said of the user itself stays. */
  | {
      readonly kind: 'partial';
      readonly uri: string;
      readonly devices: readonly RosterParticipant[];
      readonly put: readonly RosterParticipant[];
      readonly gone: readonly RosterParticipant[];
    }
  | { readonly kind: 'deleted'; readonly uri: string };

/** What a user is called, by its first device that says so. */
export function nameOf(devices: readonly RosterParticipant[]): { readonly nickname: string; readonly text: string } {
  return {
    nickname: devices.find(({ nickname }) => nickname !== '')?.nickname ?? '',
    text: devices.find(({ displayName }) => displayName !== '')?.displayName ?? '',
  };
}

/** What a subscriber has to be told to see one view who has seen another. @spec RFC 4575 §4.4 */
export function difference(shown: View, target: View): readonly UserChange[] {
  const changes: UserChange[] = [];
  for (const [uri, devices] of target.users) {
    const change = changeOf(uri, shown.users.get(uri), devices);
    if (change !== undefined) changes.push(change);
  }
  for (const uri of shown.users.keys()) if (!target.users.has(uri)) changes.push({ kind: 'deleted', uri });
  return changes;
}

function changeOf(
  uri: string,
  before: readonly RosterParticipant[] | undefined,
  devices: readonly RosterParticipant[],
): UserChange | undefined {
  if (before === devices) return undefined;
  if (before === undefined) return { kind: 'full', uri, devices };
  const put = devices.filter((device) => !before.some((old) => looksAlike(old, device)));
  const gone = before.filter(({ id }) => !devices.some((device) => device.id === id));
  const [was, is] = [nameOf(before), nameOf(devices)];
  const isRenamed = was.nickname !== is.nickname || was.text !== is.text;
  if (!isRenamed && put.length + gone.length === 0) return undefined;
  // What a partial element leaves out stays as it was, so that a name could not be taken away by one.
  const isShort = !isRenamed && put.length + gone.length <= devices.length && devices.length > 1;
  return isShort ? { kind: 'partial', uri, devices, put, gone } : { kind: 'full', uri, devices };
}
