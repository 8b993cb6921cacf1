import type { Bus } from '@parley/bus';
import type { history } from '@parley/contracts';
import { groupSubject, objectStores, rpc } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Problem } from '../http/problem.ts';
import { busProblem, refusalProblem, unexpectedAnswer } from '../http/problem.ts';
import type { Asker } from './asker.ts';
import { deadlineOf } from './asker.ts';
import type { HistoryItem } from './history-item.ts';
import { historyItem } from './history-item.ts';
import type { PageView } from './page.ts';
import { pageView } from './page.ts';

/** What was said in rooms, which the switches keep. */
export class Histories {
  readonly #asker: Asker;
  readonly #bodies: ReturnType<Bus['objects']>;

  constructor(asker: Asker) {
    this.#asker = asker;
    this.#bodies = asker.bus.objects(objectStores.historyBodies);
  }

  /** A page of the history of a room; large contents are fetched from where they are. */
  async page(room: string, wish: history.ReadHistory): Promise<Result<PageView<HistoryItem>, Problem>> {
    const question = { room, command: { kind: 'read', value: wish } } as const;
    const options = { deadline: deadlineOf(this.#asker) };
    const reply = await this.#asker.bus.request(groupSubject('msrp-switch', 'history'), rpc.history, question, options);
    if (!reply.ok) return err(busProblem(reply.error, 'msrp-switch'));
    const { outcome } = reply.value;
    if (outcome?.kind === 'refusal') return err(refusalProblem(outcome.value));
    if (outcome?.kind !== 'page') return err(unexpectedAnswer('msrp-switch'));
    const items: HistoryItem[] = [];
    for (const entry of outcome.value.items) items.push(historyItem(entry, await this.#content(entry)));
    return ok(pageView(items, outcome.value.next));
  }

  async #content({ content, object }: history.HistoryEntry): Promise<Uint8Array> {
    if (object === '') return content;
    const found = await this.#bodies.get(object);
    return found.ok ? (found.value ?? content) : content;
  }
}
