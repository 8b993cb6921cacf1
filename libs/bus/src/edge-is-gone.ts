import { instanceSubject, rpc } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import type { Bus } from './bus.ts';

/** Milliseconds that a living edge never needs to say so. */
const patience = 1_000;

/** Whether an edge has ended, and its transactions with it: one that lives answers that there is nothing to cancel. */
export async function edgeIsGone(bus: Bus, clock: Clock, edgeInstance: string): Promise<boolean> {
  const nothing = { commandId: '', flow: '', request: new Uint8Array(), timeoutMs: 0, cancel: true };
  const subject = instanceSubject('edge', edgeInstance, 'egress');
  const reply = await bus.request(subject, rpc.egress, nothing, { deadline: clock.now() + patience });
  return !reply.ok && reply.error.reason === 'no-responder';
}
