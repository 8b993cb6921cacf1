import type { Bus } from '@parley/bus';
import { edge, instanceSubject, rpc } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import { noBytes } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipResponse } from '@parley/sip';
import { parseSipMessage } from '@parley/sip';
import type { BranchUser } from './branch-user.ts';

/** Milliseconds for which an edge may still tell of a branch after its final response: 64 T1. @spec RFC 6026 §8.4 */
const afterlife = 32_000;
/** Milliseconds in which a living edge has heard that a branch is cancelled. */
const cancelPatience = 5_000;

/** What remote branches are built from. */
export interface RemoteBranchesOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly instance: string;
}

/** INVITEs of this edge that went out by another one: hears what comes of them besides their final response. */
export class RemoteBranches implements Disposable {
  private readonly options: RemoteBranchesOptions;
  private readonly users = new Map<string, BranchUser>();
  private readonly stop: () => void;

  constructor(options: RemoteBranchesOptions) {
    this.options = options;
    const subject = instanceSubject('edge', options.instance, 'branches');
    const subscription = options.bus.subscribe(subject, edge.BranchNews, ({ commandId, response }) => {
      const heard = responseIn(response);
      if (heard !== undefined) this.users.get(commandId)?.hear?.(heard);
    });
    this.stop = () => void subscription.stop();
  }

  /** A branch begins; it can be cancelled while it lasts. */
  begin(commandId: string, instance: string, user: BranchUser): void {
    this.users.set(commandId, user);
    user.sentElsewhere?.({ cancel: () => void this.cancel(commandId, instance, user) });
  }

  /** It had its final response; there may be more 2xx. */
  settled(commandId: string): void {
    this.options.clock.after(afterlife, () => this.users.delete(commandId));
  }

  [Symbol.dispose](): void {
    this.stop();
    this.users.clear();
  }

  private async cancel(commandId: string, instance: string, user: BranchUser): Promise<void> {
    const { bus, clock } = this.options;
    const command: edge.EgressCommand = { commandId, flow: '', request: noBytes, timeoutMs: 0, cancel: true };
    const subject = instanceSubject('edge', instance, 'egress');
    const heard = await bus.request(subject, rpc.egress, command, { deadline: clock.now() + cancelPatience });
    if (!heard.ok) user.lose(480);
  }
}

/** The response in octets of another edge; undefined when it is none. */
export function responseIn(bytes: Uint8Array): SipResponse | undefined {
  const parsed = parseSipMessage(bytes, { codec: nodeBytes });
  return parsed.ok && parsed.value.kind === 'response' ? parsed.value : undefined;
}
