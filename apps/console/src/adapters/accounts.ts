import type { edge } from '@parley/contracts';
import { groupSubject, rpc } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Problem } from '../http/problem.ts';
import { busProblem, refusalProblem, unexpectedAnswer } from '../http/problem.ts';
import type { Asker } from './asker.ts';
import { deadlineOf, newCommandId } from './asker.ts';
import type { PageView, PageWish } from './page.ts';
import { pageView } from './page.ts';
import type { MailboxView, UserView } from './user-view.ts';
import { mailboxView, userView } from './user-view.ts';

type Outcome = NonNullable<edge.AccountReply['outcome']>;
type Command = NonNullable<edge.AccountCommand['command']>;

/** The accounts, which the edges keep. */
export class Accounts {
  readonly #asker: Asker;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  async create(wish: edge.CreateAccount): Promise<Result<UserView, Problem>> {
    return this.#account(await this.#ask({ kind: 'create', value: wish }), userView);
  }

  async show(name: string): Promise<Result<UserView, Problem>> {
    return this.#account(await this.#ask({ kind: 'show', value: { name } }), userView);
  }

  async mailbox(name: string): Promise<Result<MailboxView, Problem>> {
    return this.#account(await this.#ask({ kind: 'show', value: { name } }), mailboxView);
  }

  async clearMailbox(name: string): Promise<Result<void, Problem>> {
    return this.#done(await this.#ask({ kind: 'clearMailbox', value: { name } }));
  }

  async list(page: PageWish): Promise<Result<PageView<UserView>, Problem>> {
    const outcome = await this.#ask({ kind: 'list', value: page });
    if (!outcome.ok) return outcome;
    if (outcome.value.kind !== 'list') return err(unexpectedAnswer('edge'));
    const { items, next } = outcome.value.value;
    return ok(pageView(items.map(userView), next));
  }

  /** Sets the password of an account that exists. */
  async setPassword(name: string, password: string): Promise<Result<void, Problem>> {
    return this.#done(await this.#ask({ kind: 'setPassword', value: { name, password } }));
  }

  async remove(name: string): Promise<Result<void, Problem>> {
    return this.#done(await this.#ask({ kind: 'remove', value: { name } }));
  }

  async #ask(command: Command): Promise<Result<Outcome, Problem>> {
    const question = { commandId: newCommandId(this.#asker), command };
    const subject = groupSubject('edge', 'accounts');
    const deadline = deadlineOf(this.#asker);
    const reply = await this.#asker.bus.request(subject, rpc.accounts, question, { deadline });
    if (!reply.ok) return err(busProblem(reply.error, 'edge'));
    const { outcome } = reply.value;
    if (outcome === undefined) return err(unexpectedAnswer('edge'));
    return outcome.kind === 'refusal' ? err(refusalProblem(outcome.value)) : ok(outcome);
  }

  #account<V>(outcome: Result<Outcome, Problem>, view: (account: edge.Account) => V): Result<V, Problem> {
    if (!outcome.ok) return outcome;
    return outcome.value.kind === 'account' ? ok(view(outcome.value.value)) : err(unexpectedAnswer('edge'));
  }

  /** Some commands are answered with the account, which says no more than that they are done. */
  #done(outcome: Result<Outcome, Problem>): Result<void, Problem> {
    if (!outcome.ok) return outcome;
    return outcome.value.kind === 'list' ? err(unexpectedAnswer('edge')) : ok(undefined);
  }
}
