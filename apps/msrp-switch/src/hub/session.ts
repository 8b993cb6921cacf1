import type { MsrpRequestHead, Path } from '@parley/msrp';
import { msrpUriKey, pathLines } from '@parley/msrp';
import type { Cancel } from '@parley/prelude';
import { participantKey } from '../addresses/participant-key.ts';
import type { IncomingMessage } from '../message/incoming-message.ts';
import type { MediaAcceptance } from '../message/media-acceptance.ts';
import type { Party } from '../message/route.ts';
import type { WireKind } from '../connection/wire.ts';
import type { Hub } from './hub.ts';
import type { Outlet } from './outlet.ts';
import type { SessionLife } from './session-life.ts';

/** What the focus said of a participant's session. */
export interface SessionTerms {
  readonly participant: string;
  /** Address-of-record, under which nicknames are held. */
  readonly identity: string;
  /** URIs that it may use as CPIM From. */
  readonly uris: readonly string[];
  /** From-Path of its requests, To-Path of ours; undefined: not known yet, the first who knows the session-id is it. */
  readonly peerPath: Path | undefined;
  readonly acceptance: MediaAcceptance;
  /** Octets of the largest message that it takes. */
  readonly peerMaxSize: number;
  readonly takesPrivate: boolean;
  /** `a=fingerprint` of its certificates. @spec RFC 8122 §5 */
  readonly fingerprints: readonly string[];
  /** Whether it may speak to all where the room is moderated. */
  readonly isSpeaker: boolean;
  /** Whether it does not want to hear now (a=sendonly, a=inactive). @spec RFC 3264 §8.4 */
  readonly isPaused: boolean;
  /** Whether it acts on messages that replace or recall others. */
  readonly takesAmendments: boolean;
  /** When its participant came to the room, milliseconds since 1970. */
  readonly joinedAt: number;
}

/** Who said a private message on another switch. */
export interface RemoteSender {
  relay(report: MsrpRequestHead): void;
}

/** A private message whose reports go back to its sender. */
export interface AwaitedReport {
  readonly sender: Session | RemoteSender;
  /** As the sender calls it. */
  readonly messageId: string;
  readonly tellsSuccess: boolean;
  readonly tellsFailures: boolean;
  /** Of several devices the first to report speaks for all. */
  reporter: Session | undefined;
}

/** Our empty SENDs to a peer that waits for us, by transaction, with what an answer does; it may be called more than once. */
export type Greetings = Map<string, (code: number) => void>;

/** Raw spellings of URIs that are remembered; a client has one or two. */
const spellingsKept = 16;

/** One participant's stream in a room: who it is, where it is connected, and what it has begun to say. */
export class Session implements Party {
  readonly id: string;
  readonly hub: Hub;
  terms: SessionTerms;
  /** Our end of it. */
  readonly path: Path;
  /** The kind of connection that its path asks for. */
  readonly wire: WireKind;
  /** What To-Path and From-Path of its requests must equal. @spec RFC 4975 §6.1 */
  readonly pathKey: string;
  /** Path of the peer and its key; undefined until the focus says it, or the peer's first request does. */
  peerPath: Path | undefined;
  peerKey: string | undefined;
  /** Path lines of what is sent to it. */
  lines: Uint8Array = new Uint8Array();
  uriKeys: ReadonlySet<string>;
  /** By Message-ID. */
  readonly messages = new Map<string, IncomingMessage>();
  /** By Message-ID; only of private messages that were sent to it. */
  readonly awaited = new Map<string, AwaitedReport>();
  life: SessionLife = 'waiting';
  /** It heard what was said from then on, milliseconds since 1970: since it joined, or what it was sent of the history. */
  hearsSince: number;
  timer: Cancel | undefined;
  outlet: Outlet | undefined;
  greetings: Greetings | undefined;
  /** As far as this switch knows; empty: none. */
  nickname = '';
  /** Nickname changes in their order. */
  nicknames: Promise<void> = Promise.resolve();
  waitingNicknames = 0;
  /** For who remembers what it said longer than it lasts. */
  readonly reference = new WeakRef(this);
  private readonly spellings = new Map<string, boolean>();

  constructor(id: string, hub: Hub, terms: SessionTerms, path: Path) {
    this.id = id;
    this.hub = hub;
    this.terms = terms;
    this.hearsSince = terms.joinedAt;
    this.path = path;
    this.wire = path.first.transport === 'ws' ? 'ws' : path.first.scheme === 'msrps' ? 'tls' : 'tcp';
    this.pathKey = msrpUriKey(path.first);
    this.uriKeys = new Set(terms.uris.map(participantKey));
    if (terms.peerPath !== undefined) this.meet(terms.peerPath);
  }

  /** The peer's path is known, by the focus or by its first request. */
  meet(peerPath: Path): void {
    this.peerPath = peerPath;
    this.peerKey = pathKeyOf(peerPath);
    this.lines = Buffer.from(pathLines(peerPath, this.path), 'latin1');
  }

  /** The focus says its terms anew; by way of the hub, which finds it by its URIs. */
  change(terms: SessionTerms): void {
    this.terms = terms;
    this.hearsSince = Math.min(this.hearsSince, terms.joinedAt);
    this.uriKeys = new Set(terms.uris.map(participantKey));
    this.spellings.clear();
    if (terms.peerPath !== undefined) this.meet(terms.peerPath);
  }

  get isBound(): boolean {
    return this.outlet?.isOpen === true;
  }

  get maySpeak(): boolean {
    return this.terms.isSpeaker || !this.hub.policy.moderated;
  }

  get takesPrivate(): boolean {
    return this.terms.takesPrivate;
  }

  get takesAmendments(): boolean {
    return this.terms.takesAmendments;
  }

  /** Whether the participant is known by another URI than its own, which nobody may learn. */
  get isPseudonymous(): boolean {
    return !this.owns(this.terms.identity);
  }

  /** Who says what has this From, as the room knows him: the user, or the pseudonym. */
  senderOf(from: string): string {
    return participantKey(this.isPseudonymous ? from : this.terms.identity);
  }

  owns(uri: string): boolean {
    const known = this.spellings.get(uri);
    if (known !== undefined) return known;
    const owns = this.uriKeys.has(participantKey(uri));
    // A copy: what was cut out of a head would keep all of it in memory.
    if (this.spellings.size < spellingsKept) this.spellings.set(Buffer.from(uri).toString(), owns);
    return owns;
  }
}

/** A text that two paths share when they are equal hop by hop. */
export function pathKeyOf(path: Path): string {
  return [path.first, ...path.rest].map(msrpUriKey).join(' ');
}
