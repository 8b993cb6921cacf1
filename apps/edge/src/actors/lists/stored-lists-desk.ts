import type { Bus, BusFailure } from '@parley/bus';
import type { lists } from '@parley/contracts';
import type { Clock, Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { escapeUser } from '@parley/sip';
import type { AccountBook } from '../../accounts/account-book.ts';
import { sendersFrom } from '../../adapters/list-record.ts';
import { refusalToWire } from '../../adapters/refusal-wire.ts';
import type { EdgeEvents } from '../../events.ts';
import { checkList, memberUris } from '../../lists/check-list.ts';
import type { ListBook } from '../../lists/list-book.ts';
import type { StoredList } from '../../lists/stored-list.ts';
import { TraceReader } from '../traces/trace-reader.ts';

/** What the desk is built from. */
export interface StoredListsDeskOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly domain: string;
  readonly lists: ListBook;
  readonly accounts: Pick<AccountBook, 'exists'>;
  /** Members of one list. */
  readonly mostMembers: number;
  readonly events: EdgeEvents;
}

/** Lists of one page, by default and at most. */
const pageSize = { usual: 50, most: 500 };
/** Members of all lists of one page. */
const pageMembers = 20_000;

type Told = Result<StoredList, Refusal | BusFailure>;

/** Carries out what operators ask of stored lists. */
export class StoredListsDesk {
  private readonly options: StoredListsDeskOptions;
  private readonly traces: TraceReader;

  constructor(options: StoredListsDeskOptions) {
    this.options = options;
    this.traces = new TraceReader(options.bus, options.domain);
  }

  async take({ command }: lists.ListsCommand): Promise<lists.ListsReply> {
    switch (command?.kind) {
      case 'create':
        return this.told(await this.create(command.value));
      case 'replace':
        return this.told(await this.replace(command.value));
      case 'changeMembers':
        return this.told(await this.changeMembers(command.value));
      case 'remove':
        return await this.remove(command.value.name);
      case 'show':
        return this.told(this.show(command.value.name));
      case 'list':
        return this.list(command.value);
      case 'message':
        return await this.message(command.value.id);
      case undefined:
        return refused(refusal(501, 'Not Implemented', 'this edge does not know the command'));
    }
  }

  private async create(wish: lists.PutList): Promise<Told> {
    const checked = await this.checked(wish);
    if (!checked.ok) return checked;
    const { lists: book, clock, accounts, events } = this.options;
    const added = await book.add({ ...checked.value, createdAt: clock.wallTime() });
    if (!added.ok) return added;
    // Whoever makes an account looks for a list after it has written too: one of the two at least gives way.
    const account = await accounts.exists(wish.name);
    if (account.ok && !account.value) {
      events.listMade(wish.name);
      return added;
    }
    await book.remove(wish.name);
    return account.ok ? err(nameOfAccount) : account;
  }

  private async replace(wish: lists.PutList): Promise<Told> {
    const checked = await this.checked(wish);
    if (!checked.ok) return checked;
    return await this.options.lists.change(wish.name, ({ createdAt }) => ok({ ...checked.value, createdAt }));
  }

  private async changeMembers({ name, add, remove }: lists.ChangeMembers): Promise<Told> {
    const { domain, mostMembers, lists: book } = this.options;
    const added = memberUris(add, domain);
    if (!added.ok) return added;
    const removed = memberUris(remove, domain);
    if (!removed.ok) return removed;
    const gone = new Set(removed.value);
    return await book.change(name, (list) => {
      const members = [...new Set([...list.members.filter((uri) => !gone.has(uri)), ...added.value])];
      const changed = { ...list, members };
      const checked = checkList(changed, mostMembers);
      return checked.ok ? ok(changed) : checked;
    });
  }

  private async checked(wish: lists.PutList): Promise<Result<Omit<StoredList, 'createdAt'>, Refusal | BusFailure>> {
    const { domain, mostMembers, accounts } = this.options;
    const asked = { ...wish, senders: wish.senders === '' ? 'members' : wish.senders };
    const checked = checkList(asked, mostMembers);
    if (!checked.ok) return checked;
    const members = memberUris(wish.members, domain);
    if (!members.ok) return members;
    const owner = wish.owner === '' ? ok(true) : await accounts.exists(wish.owner);
    if (!owner.ok) return owner;
    if (!owner.value) return err(refusal(400, 'Invalid List', 'owner: expected the name of an account'));
    const { name, displayName, hideMembers } = wish;
    const senders = sendersFrom(asked.senders);
    return ok({ name, displayName, owner: wish.owner, senders, hideMembers, members: members.value });
  }

  private async remove(name: string): Promise<lists.ListsReply> {
    const removed = await this.options.lists.remove(name);
    if (!removed.ok) return refused(asRefusal(removed.error));
    this.options.events.listRemoved(name);
    return { outcome: { kind: 'done', value: {} } };
  }

  private show(name: string): Told {
    const list = this.options.lists.find(name);
    return list === undefined ? err(refusal(404, 'No Such List', 'expected the name of a list')) : ok(list);
  }

  private list({ limit, cursor }: lists.ListLists): lists.ListsReply {
    const most = Math.min(limit === 0 ? pageSize.usual : limit, pageSize.most);
    const found = this.options.lists.page(cursor, most + 1);
    const items = within(found.slice(0, most));
    const next = found.length > items.length ? (items.at(-1)?.name ?? '') : '';
    return { outcome: { kind: 'page', value: { items: items.map((list) => this.toWire(list)), next } } };
  }

  /** What became of a message, as far as it is known. */
  private async message(id: string): Promise<lists.ListsReply> {
    const found = await this.traces.find(id);
    if (!found.ok) return refused(asRefusal(found.error));
    if (found.value === undefined) return refused(noSuchMessage);
    return { outcome: { kind: 'message', value: found.value } };
  }

  private told(outcome: Told): lists.ListsReply {
    return outcome.ok
      ? { outcome: { kind: 'list', value: this.toWire(outcome.value) } }
      : refused(asRefusal(outcome.error));
  }

  private toWire(list: StoredList): lists.List {
    return { ...list, uri: `sip:${escapeUser(list.name)}@${this.options.domain}` };
  }
}

/** As many lists as one answer can hold, at least one. */
function within(found: readonly StoredList[]): readonly StoredList[] {
  let members = 0;
  const end = found.findIndex((list, i) => (members += list.members.length) > pageMembers && i > 0);
  return end === -1 ? found : found.slice(0, end);
}

function refused(error: Refusal): lists.ListsReply {
  return { outcome: { kind: 'refusal', value: refusalToWire(error) } };
}

function asRefusal(error: Refusal | BusFailure): Refusal {
  return error.kind === 'Refusal' ? error : refusal(503, 'Store Unreachable', error.message, 5);
}

const nameOfAccount = refusal(409, 'Name Taken', 'expected a name that no account has');
const noSuchMessage = refusal(
  404,
  'No Such Message',
  'expected the Message-ID, or Call-ID;cseq, of a message of the last seven days whose sender asked for notifications, or the id of one to a list',
);
