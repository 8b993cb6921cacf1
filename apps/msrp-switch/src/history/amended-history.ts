import type { BusFailure } from '@parley/bus';
import type { history } from '@parley/contracts';
import type { Random, Result } from '@parley/prelude';
import { ok, randomToken } from '@parley/prelude';
import { participantKey } from '../addresses/participant-key.ts';
import type { KnownMessage } from '../amendments/known-message.ts';
import { namedAlso } from '../amendments/known-message.ts';
import type { HistoryStore, NumberedEntry } from './history-store.ts';
import { objectName } from './history-store.ts';

/** What of a history may be seen. */
export type InView = Pick<history.ReadHistory, 'since' | 'kept'>;

/** What takes the place of a message. */
export interface Replacement {
  /** Message-ID of the amendment. */
  readonly name: string;
  /** Undefined: nothing does, it is recalled. */
  readonly said: Pick<history.HistoryEntry, 'contentType' | 'head' | 'content'> | undefined;
}

/** What an amendment changed in the history. */
export type HistoryChange = 'amended' | 'absent' | 'recalled-before';

/** Octets of a content that is kept beside others; a larger one is an object. */
const inlineBytes = 4096;

/** Finds messages by their names in the history, and amends them there. */
export class AmendedHistory {
  private readonly store: HistoryStore;
  private readonly random: Random;

  constructor(store: HistoryStore, random: Random) {
    this.store = store;
    this.random = random;
  }

  /** What the history knows by a name, of an original or of what took its place. */
  async find(room: string, name: string, view: InView): Promise<Result<readonly KnownMessage[], BusFailure>> {
    const amended = await this.store.amended.all(room);
    if (!amended.ok) return amended;
    const byNumber = new Map(amended.value.map((item) => [item.number, item]));
    const isNamed = (names: readonly string[]): boolean => names.includes(name);
    const originals = new Set(amended.value.flatMap(({ messageId, names }) => (isNamed(names) ? [messageId] : [])));
    const found = await this.store.search(
      room,
      view,
      ({ messageId }) => messageId === name || originals.has(messageId),
    );
    if (!found.ok) return found;
    const known = found.value.map(({ number, entry }): KnownMessage => {
      const { names = [], recalled = false } = byNumber.get(number) ?? {};
      const { messageId, at } = entry;
      return { messageId, sender: senderOf(entry), at, names, isRecalled: recalled, isOnlyKept: true };
    });
    return ok(known.filter(({ messageId, names }) => messageId === name || isNamed(names)));
  }

  /** Puts something in the place of a message, so that who reads the history from now on finds that. */
  async amend(
    room: string,
    original: Pick<KnownMessage, 'messageId' | 'sender'>,
    replacement: Replacement,
    view: InView,
  ): Promise<Result<HistoryChange, BusFailure>> {
    const found = await this.store.search(
      room,
      view,
      (entry) => entry.messageId === original.messageId && senderOf(entry) === original.sender,
    );
    if (!found.ok) return found;
    let change: HistoryChange = 'absent';
    for (const entry of found.value) {
      const changed = await this.amendOne(room, entry, replacement);
      if (!changed.ok) return changed;
      if (change !== 'amended') change = changed.value;
    }
    return ok(change);
  }

  private async amendOne(
    room: string,
    { number, entry }: NumberedEntry,
    { name, said }: Replacement,
  ): Promise<Result<HistoryChange, BusFailure>> {
    const { content = nothing, head = nothing, contentType = '' } = said ?? {};
    const object = content.length > inlineBytes ? objectName(room, randomToken(this.random, 16)) : '';
    if (object !== '') {
      const kept = await this.store.keep(object, inOnePiece(content));
      if (!kept.ok) return kept;
    }
    const { messageId, at } = entry;
    const now = { number, messageId, sender: senderOf(entry), at, recalled: said === undefined, contentType, head };
    const where = { content: object === '' ? content : nothing, object, size: content.length };
    const isSettled = (before: history.AmendedMessage | undefined): boolean =>
      before !== undefined && (before.recalled || before.names.at(-1) === name);
    const before = await this.store.amended.change(room, number, (found) =>
      isSettled(found) ? undefined : { ...now, ...where, names: namedAlso(found?.names ?? [], name) },
    );
    if (!before.ok || isSettled(before.value)) {
      await this.store.discard([object]);
      if (!before.ok) return before;
      return ok(before.value?.names.at(-1) === name ? 'amended' : 'recalled-before');
    }
    await this.store.discard([before.value?.object ?? entry.object]);
    return ok('amended');
  }
}

const nothing = new Uint8Array();

// eslint-disable-next-line @typescript-eslint/require-await -- a store takes pieces as they come; this one is here
async function* inOnePiece(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

/** Who said it; what was kept before senders were has its From. */
function senderOf({ sender, from }: history.HistoryEntry): string {
  return sender ?? participantKey(from);
}
