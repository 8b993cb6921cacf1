import type { lists } from '@parley/contracts';
import { groupSubject, rpc } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Problem } from '../http/problem.ts';
import { busProblem, refusalProblem, unexpectedAnswer } from '../http/problem.ts';
import type { Asker } from './asker.ts';
import { deadlineOf, newCommandId } from './asker.ts';
import type { ListView } from './list-view.ts';
import { listView } from './list-view.ts';
import type { MessageView } from './message-view.ts';
import { messageView } from './message-view.ts';
import type { PageView, PageWish } from './page.ts';
import { pageView } from './page.ts';

type Outcome = NonNullable<lists.ListsReply['outcome']>;
type Command = NonNullable<lists.ListsCommand['command']>;

/** The stored lists, which the edges keep, and what became of messages. */
export class Lists {
  readonly #asker: Asker;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  create(value: lists.PutList): Promise<Result<ListView, Problem>> {
    return this.#list({ kind: 'create', value });
  }

  replace(value: lists.PutList): Promise<Result<ListView, Problem>> {
    return this.#list({ kind: 'replace', value });
  }

  changeMembers(value: lists.ChangeMembers): Promise<Result<ListView, Problem>> {
    return this.#list({ kind: 'changeMembers', value });
  }

  show(name: string): Promise<Result<ListView, Problem>> {
    return this.#list({ kind: 'show', value: { name } });
  }

  async list(page: PageWish): Promise<Result<PageView<ListView>, Problem>> {
    const outcome = await this.#ask({ kind: 'list', value: page });
    if (!outcome.ok) return outcome;
    if (outcome.value.kind !== 'page') return err(unexpectedAnswer('edge'));
    const { items, next } = outcome.value.value;
    return ok(pageView(items.map(listView), next));
  }

  async remove(name: string): Promise<Result<void, Problem>> {
    const outcome = await this.#ask({ kind: 'remove', value: { name } });
    if (!outcome.ok) return outcome;
    return outcome.value.kind === 'done' ? ok(undefined) : err(unexpectedAnswer('edge'));
  }

  /** What became of a message. @param id - its Message-ID, `Call-ID;cseq`, or the To tag of its 202 when it went to a list */
  async message(id: string): Promise<Result<MessageView, Problem>> {
    const outcome = await this.#ask({ kind: 'message', value: { id } });
    if (!outcome.ok) return outcome;
    return outcome.value.kind === 'message' ? ok(messageView(outcome.value.value)) : err(unexpectedAnswer('edge'));
  }

  async #ask(command: Command): Promise<Result<Outcome, Problem>> {
    const question = { commandId: newCommandId(this.#asker), command };
    const options = { deadline: deadlineOf(this.#asker) };
    const reply = await this.#asker.bus.request(groupSubject('edge', 'lists'), rpc.lists, question, options);
    if (!reply.ok) return err(busProblem(reply.error, 'edge'));
    const { outcome } = reply.value;
    if (outcome === undefined) return err(unexpectedAnswer('edge'));
    return outcome.kind === 'refusal' ? err(refusalProblem(outcome.value)) : ok(outcome);
  }

  async #list(command: Command): Promise<Result<ListView, Problem>> {
    const outcome = await this.#ask(command);
    if (!outcome.ok) return outcome;
    return outcome.value.kind === 'list' ? ok(listView(outcome.value.value)) : err(unexpectedAnswer('edge'));
  }
}
