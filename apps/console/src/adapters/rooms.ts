import { askOwner } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { groupSubject, rpc } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Problem } from '../http/problem.ts';
import { busProblem, refusalProblem, unexpectedAnswer } from '../http/problem.ts';
import type { Asker } from './asker.ts';
import { deadlineOf, newCommandId } from './asker.ts';
import type { PageView, PageWish } from './page.ts';
import { pageView } from './page.ts';
import type { RoomView } from './room-view.ts';
import { roomView } from './room-view.ts';

type Outcome = NonNullable<focus.FocusReply['outcome']>;
type Command = NonNullable<focus.FocusCommand['command']>;

/** The rooms, which the focus keeps; each is named by its URI. */
export class Rooms {
  readonly #asker: Asker;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  create(uri: string, policy: focus.RoomPolicy): Promise<Result<RoomView, Problem>> {
    return this.#room(uri, { kind: 'create', value: { policy } });
  }

  /** Changes what the policy names. */
  change(uri: string, policy: focus.RoomPolicy): Promise<Result<RoomView, Problem>> {
    return this.#room(uri, { kind: 'setPolicy', value: { policy } });
  }

  show(uri: string): Promise<Result<RoomView, Problem>> {
    return this.#room(uri, { kind: 'show', value: { identity: '' } });
  }

  /** The room as the focus tells it, without most of its participants. */
  find(uri: string): Promise<Result<focus.Room, Problem>> {
    return this.#found(uri, { kind: 'show', value: { identity: '', limit: 1 } });
  }

  delete(uri: string): Promise<Result<void, Problem>> {
    return this.#done(uri, { kind: 'delete', value: {} });
  }

  /** Lets the room speak. */
  announce(uri: string, text: string): Promise<Result<void, Problem>> {
    return this.#done(uri, { kind: 'announce', value: { text } });
  }

  /** Has the focus call somebody into the room. */
  invite(uri: string, who: string): Promise<Result<void, Problem>> {
    return this.#done(uri, { kind: 'inviteUser', value: { uri: who } });
  }

  /** Has somebody leave. */
  expel(uri: string, who: string): Promise<Result<void, Problem>> {
    return this.#done(uri, { kind: 'expel', value: { who } });
  }

  /** Keeps somebody out, or lets it in again. */
  ban(uri: string, who: string, banned: boolean): Promise<Result<void, Problem>> {
    return this.#done(uri, { kind: 'ban', value: { who, banned } });
  }

  /** Lets somebody speak where the room is moderated, or not any more. */
  grantVoice(uri: string, who: string, granted: boolean): Promise<Result<void, Problem>> {
    return this.#done(uri, { kind: 'grantVoice', value: { who, granted } });
  }

  async list(page: PageWish): Promise<Result<PageView<RoomView>, Problem>> {
    const options = { deadline: deadlineOf(this.#asker) };
    const reply = await this.#asker.bus.request(groupSubject('focus', 'rooms'), rpc.rooms, page, options);
    if (!reply.ok) return err(busProblem(reply.error, 'focus'));
    return ok(pageView(reply.value.items.map(roomView), reply.value.next));
  }

  async #room(uri: string, command: Command): Promise<Result<RoomView, Problem>> {
    const room = await this.#found(uri, command);
    return room.ok ? ok(roomView(room.value)) : room;
  }

  async #found(uri: string, command: Command): Promise<Result<focus.Room, Problem>> {
    const outcome = await this.#ask(uri, command);
    if (!outcome.ok) return outcome;
    return outcome.value.kind === 'room' ? ok(outcome.value.value) : err(unexpectedAnswer('focus'));
  }

  async #done(uri: string, command: Command): Promise<Result<void, Problem>> {
    const outcome = await this.#ask(uri, command);
    if (!outcome.ok) return outcome;
    return outcome.value.kind === 'sip' ? err(unexpectedAnswer('focus')) : ok(undefined);
  }

  async #ask(room: string, command: Command): Promise<Result<Outcome, Problem>> {
    const question = { commandId: newCommandId(this.#asker), room, command };
    const options = { deadline: deadlineOf(this.#asker) };
    const reply = await askOwner(this.#asker.bus, 'focus', room, rpc.focus, question, options);
    if (!reply.ok) return err(busProblem(reply.error, 'focus'));
    const { outcome } = reply.value;
    if (outcome === undefined) return err(unexpectedAnswer('focus'));
    return outcome.kind === 'refusal' ? err(refusalProblem(outcome.value)) : ok(outcome);
  }
}
