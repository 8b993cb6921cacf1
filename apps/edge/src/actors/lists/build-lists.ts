import type { Bus } from '@parley/bus';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import { parseUri } from '@parley/sip';
import { accountAt } from '../../accounts/account-at.ts';
import type { AccountBook } from '../../accounts/account-book.ts';
import type { ServedNames } from '../../addresses/destination.ts';
import { destinationOf } from '../../addresses/destination.ts';
import { passingBy } from '../../dispositions/passing-by.ts';
import type { EdgeEvents } from '../../events.ts';
import type { ListBook } from '../../lists/list-book.ts';
import type { Inflate } from '../../mailbox/content.ts';
import type { ListRules } from '../../lists/list-rules.ts';
import type { Directory } from '../../lists/plan-copies.ts';
import { originOfAccount } from '../../privacy/asserted-identity.ts';
import type { EdgeSettings } from '../../settings.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { DateText } from '../date-text.ts';
import type { DispositionDesk } from '../receipts/disposition-desk.ts';
import type { Doorkeeper } from '../entry/doorkeeper.ts';
import { ListDesk } from './list-desk.ts';
import { ownListJobs } from './list-jobs.ts';
import type { Answer } from './fan-out.ts';
import type { ListJobs } from './list-jobs.ts';
import { ListService } from './list-service.ts';
import { LocalTransaction } from '../proxy/local-transaction.ts';
import type { ReceiptDesk } from '../receipts/receipt-desk.ts';
import type { Responder } from '../entry/responder.ts';
import type { TraceDesk } from '../traces/trace-desk.ts';
import { StoredListsDesk } from './stored-lists-desk.ts';
import type { BeyondProxy } from '../proxy/beyond-proxy.ts';
import type { UserProxy } from '../proxy/user-proxy.ts';

/** What the list service is put together from. */
export interface ListParts {
  readonly instance: string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: EdgeSettings;
  readonly names: ServedNames;
  readonly realm: string;
  readonly accounts: AccountBook;
  readonly lists: ListBook;
  readonly responder: Responder;
  readonly doorkeeper: Doorkeeper;
  readonly date: DateText;
  readonly inflate: Inflate;
  readonly events: EdgeEvents;
  readonly telemetry: Telemetry;
  readonly users: Pick<UserProxy, 'forward'>;
  readonly beyond: Pick<BeyondProxy, 'forward'>;
  readonly receipts: ReceiptDesk;
  readonly dispositions: Pick<DispositionDesk, 'tell'>;
  readonly traces: TraceDesk;
}

/** The list service of an edge. */
export interface Lists {
  readonly service: ListService;
  readonly admin: StoredListsDesk;
  /** Begins to carry out jobs; to be called once requests can be sent. */
  ownJobs(): ListJobs;
}

/** Stored lists within each other: deeper ones are nobody's intention. */
const mostDepth = 8;

/** Puts the list service together. */
export function buildLists(parts: ListParts): Lists {
  const { settings, lists, responder, doorkeeper, telemetry, accounts, realm } = parts;
  const rules: ListRules = {
    mostRecipients: settings.listMax,
    mostDepth,
    consent: settings.listConsent,
    mostHistory: settings.maxSize,
  };
  const desk = new ListDesk({
    ...parts,
    rules,
    directory: directoryOf(parts),
    memory: settings.offlineTtl * 1000,
    counted: (outcome) => {
      telemetry.listMessage(outcome);
    },
  });
  const service = new ListService({
    responder,
    doorkeeper,
    desk,
    find: (name) => findList(name, accounts, lists),
    passingBy: (request) => passingBy(request, (uri) => isListAddress(uri, parts), parts.inflate),
    deliver: (request, sender) => deliver(parts, request, sender),
  });
  return {
    service,
    admin: new StoredListsDesk({ ...parts, domain: realm, mostMembers: settings.listMax }),
    ownJobs: () => ownJobs(parts),
  };
}

/** An account that came to have the name of a list has the address. */
function findList(name: string, accounts: AccountBook, lists: ListBook): ReturnType<ListBook['find']> {
  const list = lists.find(name);
  return list === undefined || accounts.find(name) !== undefined ? undefined : list;
}

/** Whether a URI is an address of the list service. */
function isListAddress(text: string, { names, accounts, lists }: ListParts): boolean {
  const uri = parseUri(text);
  const destination = uri.ok ? destinationOf(uri.value, names) : undefined;
  if (destination?.kind === 'list') return true;
  return destination?.kind === 'user' && findList(destination.name, accounts, lists) !== undefined;
}

function directoryOf({ names, accounts, lists }: ListParts): Directory {
  return {
    destinationOf: ({ uri }) => destinationOf(uri, names),
    accountOf: (number) => accounts.findByNumber(number)?.name,
    listOf: (name) => findList(name, accounts, lists),
  };
}

function ownJobs(parts: ListParts): ListJobs {
  const { instance, random, settings, telemetry, events } = parts;
  return ownListJobs({
    ...parts,
    life: `${instance}-${randomToken(random, 8)}`,
    lease: settings.lease,
    observer: events.placement,
    deliver: (copy, sender) => deliver(parts, copy, sender),
    failed: (copy, answer) => tellFailed(parts, copy, answer),
    counted: (outcome) => {
      telemetry.listCopy(outcome);
    },
    stuck: (job, error) => {
      events.listJobStuck(job, error);
    },
  });
}

/**
 * Who sent a message to a list was answered 202 long ago: that a recipient does not get it he hears as of what was stored,
 * also of one who has no account here.
 *
 * @spec RFC 5438 §8.2
 */
async function tellFailed(parts: ListParts, copy: SipRequest, answer: Answer): Promise<void> {
  const { names, accounts, dispositions } = parts;
  const uri = parseUri(copy.requestUri);
  const recipient = uri.ok ? accountAt(destinationOf(uri.value, names), accounts) : undefined;
  const reason = `${answer.statusCode} ${answer.reasonPhrase}`.trimEnd();
  await dispositions.tell(recipient?.name, copy, { kind: 'undeliverable', reason });
}

/** A copy takes the way that a message of its sender takes. */
async function deliver(parts: ListParts, copy: SipRequest, sender: string): Promise<SipResponse> {
  const { names, accounts, users, beyond, responder, realm, events } = parts;
  const account = accounts.find(sender);
  const uri = parseUri(copy.requestUri);
  if (account === undefined || !uri.ok) return responder.response(copy, 403, 'Sender Is Gone');
  const transaction = new LocalTransaction(copy);
  const origin = originOfAccount(copy, account, realm);
  const destination = destinationOf(uri.value, names);
  try {
    if (destination.kind === 'user') users.forward(transaction, copy, destination.name, origin);
    else if (destination.kind === 'telephone')
      users.forward(transaction, copy, accounts.findByNumber(destination.number)?.name ?? '', origin);
    else if (destination.kind === 'foreign') beyond.forward(transaction, copy, origin);
    else return responder.response(copy, 404);
  } catch (error) {
    events.fault('MESSAGE', error);
    return responder.response(copy, 500);
  }
  return await transaction.answer;
}
