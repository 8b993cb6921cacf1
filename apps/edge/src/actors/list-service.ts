import { resourceListsType } from '@parley/resource-lists';
import type { SipRequest } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { StoredList } from '../lists/stored-list.ts';
import { replaceTag } from '../replace/plain-form.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import type { ListDesk } from './list-desk.ts';
import type { Responder } from './responder.ts';

/** Option tag of the service. @spec RFC 5365 §5 */
const listMessage = 'recipient-list-message';

/** What the service is built from. */
export interface ListServiceOptions {
  readonly responder: Responder;
  readonly doorkeeper: Pick<Doorkeeper, 'admit'>;
  readonly desk: Pick<ListDesk, 'take' | 'size'>;
  readonly find: (name: string) => StoredList | undefined;
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
    const { responder, doorkeeper, desk } = this.options;
    switch (request.method) {
      case 'OPTIONS':
        responder.reply(transaction, 200, undefined, list === undefined ? ofTheService : ofStoredLists);
        return;
      case 'MESSAGE': {
        const sender = doorkeeper.admit(transaction, request, 'uas');
        if (sender !== undefined) desk.take(transaction, request, sender, list);
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
