import type { CpimAddress } from '@parley/cpim';
import { nodeBytes } from '@parley/service';
import type { SipRequest, Uri } from '@parley/sip';
import { escapeUser, noParameters, parseUri, serialiseUri } from '@parley/sip';
import { accountAt } from '../../accounts/account-at.ts';
import type { AccountBook } from '../../accounts/account-book.ts';
import type { ServedNames } from '../../addresses/destination.ts';
import { destinationOf } from '../../addresses/destination.ts';
import type { CuriousMessage } from '../../dispositions/curious-message.ts';
import { hiddenListOf } from '../../dispositions/hidden-list.ts';
import type { Peers } from '../../federation/peers.ts';
import type { ListBook } from '../../lists/list-book.ts';

/** Where the parties of a notification are looked up. */
export interface DispositionPartiesOptions {
  readonly names: ServedNames;
  readonly accounts: Pick<AccountBook, 'find' | 'findByNumber'>;
  readonly lists: Pick<ListBook, 'find'>;
  readonly peers: Pick<Peers, 'find'>;
}

/** Whom a notification is for. */
export interface Addressee {
  readonly uri: Uri;
  /** Its account here; undefined: it is of another domain. */
  readonly account: string | undefined;
  readonly text: string;
}

/** Who notifies whom of a message, by the addresses that its sender may know. */
export class DispositionParties {
  private readonly options: DispositionPartiesOptions;

  constructor(options: DispositionPartiesOptions) {
    this.options = options;
  }

  /**
   * Where a sender is told: all devices of an account here, or his address in the domain of a peer. Of other domains nothing
   * proves the sender, and whom he names would hear of what he never sent.
   */
  addresseeOf(sender: Uri): Addressee | undefined {
    const { names, accounts, peers } = this.options;
    const destination = destinationOf(sender, names);
    if (destination.kind === 'foreign') {
      const isPeer = peers.find(destination.host) !== undefined;
      return isPeer ? { uri: sender, account: undefined, text: serialiseUri(sender) } : undefined;
    }
    const account = accountAt(destination, accounts);
    return account && { uri: sender, account: account.name, text: this.addressHere(account.name) };
  }

  /**
   * The intermediary that the notification has to pass first, where it is of a peer, as its sender is: others are not
   * followed, since by them anybody could aim notifications at strangers.
   *
   * @spec RFC 5438 §7.2.1, §14
   */
  routeOf([top]: readonly CpimAddress[]): Uri | undefined {
    const { names, peers } = this.options;
    const uri = top && parseUri(top.uri);
    if (uri?.ok !== true) return undefined;
    const destination = destinationOf(uri.value, names);
    return destination.kind === 'foreign' && peers.find(destination.host) !== undefined ? uri.value : undefined;
  }

  /** The address that the sender wrote to, unless it is none of the account: that is how he knows the recipient. */
  recipientOf(account: string | undefined, { to }: CuriousMessage): string {
    if (account !== undefined) {
      const destination = destinationOf(to, this.options.names);
      const isItself = destination.kind === 'user' && destination.name === account;
      if (!isItself || to.kind !== 'sip') return this.addressHere(account);
    }
    if (to.kind !== 'sip') return serialiseUri(to);
    return serialiseUri({ ...to, password: undefined, parameters: noParameters, headers: [] });
  }

  /** The list that stands for the recipient, where it hides who is on it. */
  hiddenList(request: SipRequest): string | undefined {
    const { lists, names } = this.options;
    const isHidden = (text: string): boolean => {
      const uri = parseUri(text);
      const destination = uri.ok ? destinationOf(uri.value, names) : undefined;
      return destination?.kind === 'user' && lists.find(destination.name)?.hideMembers === true;
    };
    return hiddenListOf(request, isHidden, nodeBytes);
  }

  /** The address of an account in this domain. */
  addressHere(account: string): string {
    return `sip:${escapeUser(account)}@${this.options.names.domain}`;
  }
}
