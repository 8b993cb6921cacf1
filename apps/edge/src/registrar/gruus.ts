import type { Random } from '@parley/prelude';
import type { SipRequest, SipUri, Uri } from '@parley/sip';
import { escapeUriParameter, escapeUser, field, parseUri, read, serialiseUri, unescapeUri } from '@parley/sip';
import type { ServedNames } from '../addresses/destination.ts';
import { destinationOf } from '../addresses/destination.ts';
import type { BindingBook } from '../location/binding-book.ts';
import type { DeviceBook } from '../location/device-book.ts';
import type { Binding } from './binding.ts';
import { isSameInstance } from './binding.ts';
import type { GruuKeys } from './gruu-keys.ts';
import { openGruu, sealGruu } from './gruu-token.ts';

/** What a URI with `gr` turns out to be. */
export type Gruu =
  /** None of this domain, or not valid now: 404. @spec RFC 5627 §6.1 */
  | { readonly kind: 'unknown' }
  /** A device of an account. */
  | {
      readonly kind: 'public' | 'temporary';
      readonly account: string;
      /** `+sip.instance` in lower case. */
      readonly instance: string;
      /** Its live bindings: none while the device is away, which only a public GRUU outlives. */
      readonly bindings: readonly Binding[];
    };

/** What is needed to make and to resolve GRUUs. */
export interface GruusOptions {
  readonly names: ServedNames;
  readonly random: Random;
  readonly keys: Pick<GruuKeys, 'current' | 'find'>;
  readonly accounts: { find(name: string): unknown };
  readonly bindings: Pick<BindingBook, 'registered'>;
  readonly devices: Pick<DeviceBook, 'remembered'>;
}

const unknown: Gruu = { kind: 'unknown' };
/** Begins the user part of a temporary GRUU, so that people see what it is. */
const prefix = 'tgruu.';

/** Addresses of single devices: makes them, and finds the device that one means. @spec RFC 5627 §5, §6 */
export class Gruus {
  private readonly options: GruusOptions;

  constructor(options: GruusOptions) {
    this.options = options;
  }

  /** The same for as long as there are the account and the device. @spec RFC 5627 §5.1 */
  publicFor(account: string, instance: string): string {
    return `sip:${escapeUser(account)}@${this.options.names.domain};gr=${escapeUriParameter(instance)}`;
  }

  /** Another one at each call; undefined for a contact without instance. One for rooms is an address of the chat domain. */
  temporaryFor(account: string, { series, forRooms }: Pick<Binding, 'series' | 'forRooms'>): string | undefined {
    if (series === undefined) return undefined;
    const { names, keys, random } = this.options;
    const token = sealGruu({ account, series: series.token }, keys.current(), random);
    return `sip:${prefix}${token}@${forRooms ? names.chatDomain : names.domain};gr`;
  }

  /** The device that a URI names; undefined for a URI that is no GRUU. @spec RFC 5627 §6.1 */
  find(uri: Uri): Gruu | undefined {
    if (uri.kind !== 'sip' || !uri.parameters.has('gr')) return undefined;
    const { kind } = destinationOf(uri, this.options.names);
    if (kind !== 'user' && kind !== 'room') return undefined;
    const value = uri.parameters.get('gr');
    if (value === undefined) return this.findTemporary(uri, kind === 'room');
    return kind === 'user' ? this.findPublic(uri, value) : unknown;
  }

  /** {@link find} for the Request-URI, quickly passing over those that are none. */
  findTarget({ requestUri }: SipRequest): Gruu | undefined {
    if (!requestUri.includes(';')) return undefined;
    const uri = parseUri(requestUri);
    return uri.ok ? this.find(uri.value) : undefined;
  }

  /** The account that a valid temporary GRUU hides; undefined for anything else. */
  ownerOf(uri: Uri): string | undefined {
    const gruu = this.find(uri);
    return gruu?.kind === 'temporary' ? gruu.account : undefined;
  }

  /**
   * The temporary GRUU that stands for the sender of a request: that in From, else that in Contact. Who uses one is to be
   * known by it alone.
   *
   * @param account - who sent it, as authenticated
   * @returns undefined where there is none, or not one of this account
   */
  aliasOf(request: SipRequest, account: string): string | undefined {
    const from = read(request, field.from);
    const contact = read(request, field.contact);
    const uris = [from, contact].flatMap((value) =>
      value.ok && value.value !== undefined && value.value !== '*' ? [value.value.uri] : [],
    );
    const alias = uris.find((uri) => this.ownerOf(uri) === account);
    return alias?.kind === 'sip' ? serialiseUri(plain(alias)) : undefined;
  }

  private findPublic({ user = '' }: SipUri, value: string): Gruu {
    const { accounts, devices } = this.options;
    const account = unescapeUri(user);
    const instance = unescapeUri(value).toLowerCase();
    if (accounts.find(account) === undefined) return unknown;
    const bindings = this.bindingsOf(account, (binding) => isSameInstance(binding.contact.instance, instance));
    const isKnown = bindings.length > 0 || devices.remembered(account).includes(instance);
    return isKnown ? { kind: 'public', account, instance, bindings } : unknown;
  }

  private findTemporary({ user = '' }: SipUri, forRooms: boolean): Gruu {
    const { accounts, keys } = this.options;
    const token = user.startsWith(prefix) ? openGruu(user.slice(prefix.length), keys) : undefined;
    if (token === undefined || accounts.find(token.account) === undefined) return unknown;
    const isIts = (binding: Binding): boolean =>
      binding.series?.token === token.series && binding.forRooms === forRooms;
    const bindings = this.bindingsOf(token.account, isIts);
    const instance = bindings[0]?.contact.instance?.toLowerCase();
    return instance === undefined ? unknown : { kind: 'temporary', account: token.account, instance, bindings };
  }

  private bindingsOf(account: string, isIt: (binding: Binding) => boolean): readonly Binding[] {
    const { bindings } = this.options;
    return [...bindings.registered(account, false), ...bindings.registered(account, true)].filter(isIt);
  }
}

/** As it was given out: without what a sender added to it. */
function plain(uri: SipUri): SipUri {
  const gr = uri.parameters.get('gr');
  return { ...uri, parameters: new Map([['gr', gr]]), headers: [], port: undefined };
}
