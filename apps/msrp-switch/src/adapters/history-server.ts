import type { Bus, BusFailure, Subscription } from '@parley/bus';
import type { history } from '@parley/contracts';
import { groupQueue, groupSubject, instanceSubject, rpc } from '@parley/contracts';
import { refusal } from '@parley/prelude';
import type { Refusal } from '@parley/prelude';
import type { KnownMessages } from '../amendments/known-messages.ts';
import { foundHere } from '../amendments/message-finder.ts';
import type { HistoryDesk } from '../history/history-desk.ts';
import type { HistoryStore } from '../history/history-store.ts';

/** What is asked. */
export interface HistoryParts {
  readonly desk: HistoryDesk;
  readonly store: HistoryStore;
  readonly known: KnownMessages;
}

/** Answers what is asked of the history of rooms; any switch can, as all of it is in the store. */
export function serveHistory(bus: Bus, instance: string, parts: HistoryParts): readonly Subscription[] {
  const handle = (command: history.HistoryCommand): Promise<history.HistoryReply> => carryOut(command, parts);
  return [
    bus.serve(instanceSubject('msrp-switch', instance, 'history'), rpc.history, handle),
    bus.serve(groupSubject('msrp-switch', 'history'), rpc.history, handle, { queue: groupQueue('msrp-switch') }),
  ];
}

async function carryOut(
  { room, command }: history.HistoryCommand,
  { desk, store, known }: HistoryParts,
): Promise<history.HistoryReply> {
  switch (command?.kind) {
    case 'read': {
      await desk.written(room);
      const page = await store.read(room, command.value);
      return page.ok ? { outcome: { kind: 'page', value: page.value } } : failed(page.error);
    }
    case 'forget': {
      desk.drop(room);
      await desk.written(room);
      const forgotten = await store.forget(room);
      return forgotten.ok ? { outcome: { kind: 'done', value: {} } } : failed(forgotten.error);
    }
    case 'find': {
      // What was said here is in the history when who asks looks there.
      if (!(await desk.written(room)) && command.value.to === '') return failed(unwritten);
      return { outcome: { kind: 'found', value: foundHere(known, room, command.value) } };
    }
    case undefined:
      return failed(refusal(400, 'Unknown Command', 'expected a command that this version knows'));
  }
}

/** Who asked for what was said tries again. */
const unwritten = refusal(503, 'Service Unavailable', 'the history cannot be written now', 1);

function failed(error: BusFailure | Refusal): history.HistoryReply {
  const { status, phrase, message, retryAfter } = asRefusal(error);
  return { outcome: { kind: 'refusal', value: { status, phrase, message, retryAfter: retryAfter ?? 0 } } };
}

function asRefusal(error: BusFailure | Refusal): Refusal {
  return error.kind === 'Refusal' ? error : refusal(503, 'Service Unavailable', error.message, 1);
}
