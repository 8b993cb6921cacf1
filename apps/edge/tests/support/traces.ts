import type { Bus } from '@parley/bus';
import type { lists } from '@parley/contracts';
import { groupSubject, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';

/** What the edges tell of a message; undefined: nothing. */
export async function traced(bus: Bus, id: string): Promise<lists.ListMessage | undefined> {
  const question = { commandId: 'c', command: { kind: 'message', value: { id } } } as const;
  const deadline = systemClock.now() + 10_000;
  const { outcome } = unwrap(await bus.request(groupSubject('edge', 'lists'), rpc.lists, question, { deadline }));
  return outcome?.kind === 'message' ? outcome.value : undefined;
}

/** Its steps, in short. */
export async function stepsOf(bus: Bus, id: string): Promise<readonly string[]> {
  const message = await traced(bus, id);
  return (message?.steps ?? []).map(({ kind, recipient, status, reason }) =>
    `${kind} ${recipient.replace(/^sip:|@.*/g, '')} ${status === 0 ? reason : status}`.trim().replaceAll(/ +/g, ' '),
  );
}
