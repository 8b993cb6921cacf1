import { userText } from '@parley/conference-info';
import type { ByteCodec } from '@parley/prelude';
import { concatBytes } from '@parley/prelude';
import type { UserChange } from './difference.ts';
import { difference } from './difference.ts';
import { documentFrame, userOf } from './document.ts';
import type { RosterParticipant } from './roster.ts';
import type { View } from './view.ts';

/** A document that wants but its version. */
export interface Plate {
  readonly beforeVersion: Uint8Array;
  readonly afterVersion: Uint8Array;
  /** What a subscriber has seen who has taken it; the target itself when nothing is left to be told. */
  readonly shown: View;
}

interface Engraved {
  readonly room: string;
  readonly shown: View | undefined;
  readonly target: View;
  readonly limit: number;
  /** Undefined: there is no difference. */
  readonly plate: Plate | undefined;
}

/** Plates that are kept: one per room that is telling news at the moment. */
const platesKept = 16;

/**
 * Makes documents. What all subscribers of a room are to be told alike is written once, and only the version put in for
 * each; and each user is written once, however many documents tell of it. In a room of a thousand, where each of a thousand
 * subscribers is told of changes, that is most of the work.
 */
export class DocumentPress {
  private readonly codec: ByteCodec;
  private engraved: readonly Engraved[] = [];
  /** The user element of somebody who has one device. */
  private readonly users = new WeakMap<RosterParticipant, Uint8Array>();

  constructor(codec: ByteCodec) {
    this.codec = codec;
  }

  /**
   * What is to be told next: the whole, or the difference to what was shown where that is less than half of it. What does
   * not fit into one document is told by several, of which the first may be full and the others are partial.
   *
   * @param shown - undefined: nothing that counts, so that the document is full
   * @param limit - octets of users in a document, about
   * @returns undefined when there is nothing to tell
   * @spec RFC 4575 §4.4
   */
  plate(room: string, shown: View | undefined, target: View, limit: number): Plate | undefined {
    const known = this.engraved.find(
      (one) => one.shown === shown && one.target === target && one.limit === limit && one.room === room,
    );
    if (known !== undefined) return known.plate;
    const plate = this.engrave(room, shown, target, limit);
    this.engraved = [{ room, shown, target, limit, plate }, ...this.engraved.slice(0, platesKept - 1)];
    return plate;
  }

  /** The octets of a document. */
  print({ beforeVersion, afterVersion }: Plate, version: number): Uint8Array {
    return concatBytes([beforeVersion, this.codec.encodeLatin1(String(version)), afterVersion]);
  }

  private engrave(room: string, shown: View | undefined, target: View, limit: number): Plate | undefined {
    const changes = shown === undefined ? [] : difference(shown, target);
    if (shown !== undefined && changes.length === 0 && shown.isWhole) return undefined;
    const isPartial = shown !== undefined && (!shown.isWhole || changes.length * 2 < target.users.size);
    const all = isPartial
      ? changes
      : [...target.users].map(([uri, devices]): UserChange => ({ kind: 'full', uri, devices }));
    const elements = this.fitting(all, limit);
    const told = all.slice(0, elements.length);
    const frame = documentFrame(room, target.users.size, isPartial ? 'partial' : 'full');
    const { beforeVersion, beforeUsers, afterUsers } = frame;
    return {
      beforeVersion: this.codec.encodeUtf8(beforeVersion),
      afterVersion: concatBytes([this.codec.encodeUtf8(beforeUsers), ...elements, this.codec.encodeUtf8(afterUsers)]),
      shown: told.length === all.length ? target : advanced(isPartial ? shown : undefined, told),
    };
  }

  /** The elements of as many users as fit, one at least. */
  private fitting(changes: readonly UserChange[], limit: number): readonly Uint8Array[] {
    const elements: Uint8Array[] = [];
    let octets = 0;
    for (const change of changes) {
      const element = this.elementOf(change);
      octets += element.length;
      if (octets > limit && elements.length > 0) break;
      elements.push(element);
    }
    return elements;
  }

  private elementOf(change: UserChange): Uint8Array {
    const only = change.kind === 'full' && change.devices.length === 1 ? change.devices[0] : undefined;
    const known = only && this.users.get(only);
    if (known !== undefined) return known;
    const element = this.codec.encodeUtf8(userText(userOf(change)));
    if (only !== undefined) this.users.set(only, element);
    return element;
  }
}

/** What was shown, with the changes that a document has told. */
function advanced(shown: View | undefined, told: readonly UserChange[]): View {
  const users = new Map(shown?.users);
  for (const change of told) {
    if (change.kind === 'deleted') users.delete(change.uri);
    else users.set(change.uri, change.devices);
  }
  return { users, isWhole: false };
}
