import type { Result } from '@parley/prelude';
import { resourceListsType } from '@parley/resource-lists';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { Account } from '../../accounts/account.ts';
import type { ListRefusal } from '../../lists/list-refusal.ts';
import type { StoredList } from '../../lists/stored-list.ts';
import { replaceTag } from '../../replace/plain-form.ts';
import type { Doorkeeper } from '../entry/doorkeeper.ts';
import type { ListDesk } from './list-desk.ts';
import type { Responder } from '../entry/responder.ts';

/** Option tag of the service. @spec RFC 5365 §5 */
const listMessage = 'recipient-list-message';

/** What the service is built from. */
export interface ListServiceOptions {
  readonly responder: Responder;
  readonly doorkeeper: Pick<Doorkeeper, 'admit'>;
  readonly desk: Pick<ListDesk, 'take' | 'refuse' | 'size'>;
  readonly find: (name: string) => StoredList | undefined;
  /** A disposition notification as it goes on from here; undefined for anything else. */
  readonly passingBy: (request: SipRequest) => Result<SipRequest, ListRefusal> | undefined;
  /** Brings a request of an account to where it is for. */
  readonly deliver: (request: SipRequest, sender: string) => Promise<SipResponse>;
}

/** The user agent server behind `sip:list@domain` and behind the addresses of stored lists. @spec RFC 5365 §5, RFC 3261 §8.2 */
export class ListService {
  private readonly options: ListServiceOptions;

  constructor(options: ListServiceOptions) {
    this.options = options;
  }

  /** Messages that are not answered yet. */
  get size(): number {
    return this.options.desk.size;
  }

  /** The stored list of a name. */
  find(name: string): StoredList | undefined {
    return this.options.find(name);
  }

  /** Takes what every UAS would take. @param list - undefined: the message brings its own */
  take(transaction: ServerTransaction, request: SipRequest, list: StoredList | undefined): void {
    const { responder, doorkeeper } = this.options;
    switch (request.method) {
      case 'OPTIONS':
        responder.reply(transaction, 200, undefined, list === undefined ? ofTheService : ofStoredLists);
        return;
      case 'MESSAGE': {
        const sender = doorkeeper.admit(transaction, request, 'uas');
        if (sender !== undefined) this.takeMessage(transaction, request, sender, list);
        return;
      }
      case 'BYE':
      case 'NOTIFY':
        responder.reply(transaction, 481);
        return;
      default:
        responder.reply(transaction, 405, undefined, [allow]);
    }
  }

  private takeMessage(
    transaction: ServerTransaction,
    request: SipRequest,
    sender: Account,
    list: StoredList | undefined,
  ): void {
    const { desk, passingBy } = this.options;
    const notification = passingBy(request);
    if (notification === undefined) desk.take(transaction, request, sender, list);
    else if (notification.ok) void this.passOn(transaction, notification.value, sender);
    else desk.refuse(transaction, notification.error);
  }

  /** Who sent it hears what became of it at its next hop. @spec RFC 5438 §8 */
  private async passOn(transaction: ServerTransaction, request: SipRequest, { name }: Account): Promise<void> {
    const { statusCode, reasonPhrase } = await this.options.deliver(request, name);
    this.options.responder.reply(transaction, statusCode, reasonPhrase);
  }
}

/** Option tags that a request to the service may require; a stored list has its recipients and wants none. */
export function listTags(list: StoredList | undefined): ReadonlySet<string> {
  return list === undefined ? tags : tagsOfStored;
}

const tags: ReadonlySet<string> = new Set([listMessage, replaceTag]);
const tagsOfStored: ReadonlySet<string> = new Set([replaceTag]);
const allow = ['Allow', 'MESSAGE, OPTIONS'] as const;
const ofTheService = [
  allow,
  ['Accept', `multipart/mixed, ${resourceListsType}`],
  ['Accept-Encoding', 'identity, deflate'],
  ['Supported', `${listMessage}, ${replaceTag}`],
] as const;
const ofStoredLists = [allow, ['Accept', '*/*'], ['Supported', replaceTag]] as const;
