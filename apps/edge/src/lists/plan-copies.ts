import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Recipient } from '@parley/resource-lists';
import { uniqueRecipients } from '@parley/resource-lists';
import type { RawField, Uri } from '@parley/sip';
import { field, parseUri } from '@parley/sip';
import type { Destination } from '../addresses/destination.ts';
import type { ListAddress } from './list-address.ts';
import { listAddress, UriIdentities } from './list-address.ts';
import type { ListRefusal } from './list-refusal.ts';
import type { ListRules } from './list-rules.ts';
import { maySend } from './may-send.ts';
import type { Outcome } from './outcome.ts';
import type { StoredList } from './stored-list.ts';

/** What is known of addresses. */
export interface Directory {
  readonly destinationOf: (address: ListAddress) => Destination;
  /** Name of the account that lists a number. */
  readonly accountOf: (number: string) => string | undefined;
  readonly listOf: (name: string) => StoredList | undefined;
}

/** One message to be sent. */
export interface Copy {
  /** Request-URI and To. */
  readonly uri: string;
  /** What its entry asks for besides. */
  readonly fields: readonly RawField[];
}

/** Who gets a message. */
export interface CopyPlan {
  readonly copies: readonly Copy[];
  /** Recipients of whom it is clear that they get none. */
  readonly settled: readonly Outcome[];
  /** Each recipient once, in its role and by its bare URI; lists among them unexpanded. */
  readonly recipients: readonly Recipient[];
  /** Whether some of them are on a list, at whatever depth, that hides who is on it. */
  readonly hidesMembers: boolean;
}

/**
 * Decides who gets a copy: each recipient once, stored lists replaced by their members.
 *
 * @param sender - its account
 * @param through - lists that the message came by, so that it does not come back to them
 * @returns a refusal of the whole when consent is missing, or there are too many
 * @spec RFC 5365 §7.1, RFC 5363 §5.2, RFC 5360 §5.9
 */
export function planCopies(
  recipients: readonly Recipient[],
  sender: string,
  directory: Directory,
  rules: ListRules,
  through: readonly string[] = [],
): Result<CopyPlan, ListRefusal> {
  const planner = new Planner(sender, directory, rules);
  const read = located(recipients, planner);
  if (!read.ok) return read;
  const unique = uniqueRecipients(read.value, ({ place }) => place.identity);
  for (const { place } of unique) planner.add(place, through);
  const refusal = planner.refusal();
  if (refusal !== undefined) return err(refusal);
  const shown = unique.map(({ place, ...recipient }): Recipient => ({ ...recipient, uri: place.address.text }));
  return ok({
    copies: planner.copies,
    settled: planner.settled,
    recipients: shown,
    hidesMembers: planner.hidesMembers || planner.isHiding(through),
  });
}

/** An address, and whom it names. */
interface Place {
  readonly address: ListAddress;
  readonly destination: Destination;
  /** The same for all addresses that lead to the same account, or are equal. */
  readonly identity: string;
}

interface Located extends Recipient {
  readonly place: Place;
}

function located(recipients: readonly Recipient[], planner: Planner): Result<readonly Located[], ListRefusal> {
  const found: Located[] = [];
  for (const [at, recipient] of recipients.entries()) {
    const uri = parseUri(recipient.uri);
    if (!uri.ok)
      return err({ status: 400, message: `the recipient list: entry ${at + 1} has no URI: ${uri.error.message}` });
    found.push({ ...recipient, place: planner.locate(uri.value) });
  }
  return ok(found);
}

/** A plan in the making. */
class Planner {
  readonly copies: Copy[] = [];
  readonly settled: Outcome[] = [];
  private readonly sender: string;
  private readonly directory: Directory;
  private readonly rules: ListRules;
  private readonly identities = new UriIdentities();
  private readonly seen = new Set<string>();
  hidesMembers = false;
  private readonly withoutConsent: ListAddress[] = [];
  private lacksConsent = false;

  constructor(sender: string, directory: Directory, rules: ListRules) {
    this.sender = sender;
    this.directory = directory;
    this.rules = rules;
  }

  /** Whom a URI names. */
  locate(uri: Uri): Place {
    const address = listAddress(uri);
    const destination = this.directory.destinationOf(address);
    return { address, destination, identity: this.identityOf(address, destination) };
  }

  /** One more recipient, found in the lists of `path`. */
  add({ address, destination, identity }: Place, path: readonly string[]): void {
    if (this.seen.has(identity) || this.isFull) return;
    this.seen.add(identity);
    switch (destination.kind) {
      case 'user':
        this.addUser(address, destination.name, path);
        return;
      case 'telephone':
        this.copies.push(copyTo(address));
        return;
      case 'foreign':
        if (this.rules.consent === 'anyone') this.copies.push(copyTo(address));
        else this.lack(address, path);
        return;
      case 'list':
        this.settle(address, 482, 'the list service is no recipient of itself');
        return;
      case 'unsupported-scheme':
        this.settle(address, 416, 'messages are not sent to URIs of this scheme');
        return;
      case 'room':
      case 'factory':
      case 'chat-server':
      case 'server':
        this.settle(address, 403, 'rooms and servers take no messages of lists');
    }
  }

  refusal(): ListRefusal | undefined {
    if (this.isFull) {
      const message = `expected at most ${this.rules.mostRecipients} recipients`;
      return { status: 403, phrase: 'Too Many Recipients', message };
    }
    return this.lacksConsent ? consentNeeded(this.withoutConsent) : undefined;
  }

  /** Whether one of these lists keeps its members to itself. */
  isHiding(path: readonly string[]): boolean {
    return path.some((name) => this.directory.listOf(name)?.hideMembers === true);
  }

  /** Someone who has not agreed; a member of a list that hides its members is not named. */
  private lack(address: ListAddress, path: readonly string[]): void {
    this.lacksConsent = true;
    if (!this.isHiding(path)) this.withoutConsent.push(address);
  }

  /** One more than is allowed: it need not be known how many there are. */
  private get isFull(): boolean {
    return this.copies.length > this.rules.mostRecipients;
  }

  private addUser(address: ListAddress, name: string, path: readonly string[]): void {
    const list = this.directory.listOf(name);
    if (list === undefined) this.copies.push(copyTo(address));
    else if (path.includes(name)) this.settle(address, 482, 'the list is on itself');
    else if (path.length >= this.rules.mostDepth) this.settle(address, 482, 'lists within too many lists');
    else if (!maySend(this.sender, list, this.directory))
      this.settle(address, 403, 'the sender may not send to this list');
    else this.addMembers(list, [...path, name]);
  }

  private addMembers(list: StoredList, path: readonly string[]): void {
    this.hidesMembers ||= list.hideMembers;
    for (const member of list.members) this.addMember(member, path);
  }

  private addMember(member: string, path: readonly string[]): void {
    const uri = parseUri(member);
    if (uri.ok) this.add(this.locate(uri.value), path);
  }

  private identityOf({ uri, text }: ListAddress, destination: Destination): string {
    if (destination.kind === 'user') {
      const device = uri.kind === 'sip' ? (uri.parameters.get('gr') ?? '') : '';
      return `user ${destination.name} ${device}`;
    }
    const account = destination.kind === 'telephone' ? this.directory.accountOf(destination.number) : undefined;
    return account === undefined ? this.identities.identityOf(uri, text) : `user ${account} `;
  }

  private settle({ text }: ListAddress, status: number, reason: string): void {
    this.settled.push({ uri: text, status, reason });
  }
}

function copyTo({ text, fields }: ListAddress): Copy {
  return { uri: text, fields };
}

/** URIs that a refusal names; a header field must stay within reason. */
const mostNamed = 32;

/** 470: nothing is sent when one has not agreed. @spec RFC 5363 §5.2, RFC 5360 §5.9 */
function consentNeeded(missing: readonly ListAddress[]): ListRefusal {
  const named = missing.slice(0, mostNamed);
  const fields = named.map(({ uri }): RawField => {
    return ['Permission-Missing', field.permissionMissing.serialise({ uri, parameters: new Map() })];
  });
  return { status: 470, message: 'recipients of other domains have not agreed to messages of this service', fields };
}
