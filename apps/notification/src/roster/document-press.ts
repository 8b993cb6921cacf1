import { conferenceInfoText } from '@parley/conference-info';
import type { ByteCodec } from '@parley/prelude';
import { concatBytes, Fault } from '@parley/prelude';
import { conferenceDocument } from './document.ts';
import type { Roster } from './roster.ts';

/** The octets of a document before and after its version. */
interface Plate {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** The version as a document with the version 0 has it. */
const versionZero = 'version="0"';

/**
 * Prints documents: what all subscribers of a roster see alike is written once, and only the version put in for each. In a
 * room of a thousand, where each of a thousand subscribers is told of each change, that is most of the work.
 */
export class DocumentPress {
  private readonly codec: ByteCodec;
  private readonly plates = new WeakMap<Roster, Plate>();

  constructor(codec: ByteCodec) {
    this.codec = codec;
  }

  /** The document of a roster for a subscriber, as octets. */
  print(roster: Roster, identity: string, version: number): Uint8Array {
    const { before, after } = roster.hideMembers ? this.engrave(roster, identity) : this.shared(roster);
    return concatBytes([before, this.codec.encodeLatin1(`version="${version}"`), after]);
  }

  private shared(roster: Roster): Plate {
    const known = this.plates.get(roster);
    if (known !== undefined) return known;
    const plate = this.engrave(roster, '');
    this.plates.set(roster, plate);
    return plate;
  }

  private engrave(roster: Roster, identity: string): Plate {
    const text = conferenceInfoText(conferenceDocument(roster, identity, 0));
    // The first: attributes of the root come before all content, and quotes in values are escaped.
    const at = text.indexOf(versionZero);
    if (at === -1) throw new Fault('a conference-info document without its version');
    return {
      before: this.codec.encodeUtf8(text.slice(0, at)),
      after: this.codec.encodeUtf8(text.slice(at + versionZero.length)),
    };
  }
}
