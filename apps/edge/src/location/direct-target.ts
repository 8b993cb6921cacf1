import type { Clock } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import type { Flow } from '@parley/sip-stack';
import type { FlowTable } from '../flows/flow-table.ts';
import type { Binding } from '../registrar/binding.ts';
import { hasPreferences } from '../registrar/caller-preferences.ts';
import type { AccountEntries, AccountEntry } from './account-entries.ts';
import type { DeviceBook } from './device-book.ts';
import type { MailboxBook } from './mailbox-book.ts';

/**
 * The only device of an account, registered once, over a flow of this edge: what a message to it needs, side by side in memory.
 */
export class DirectTarget {
  /** Wall time in seconds until which all of this is so. */
  readonly until: number;
  readonly device: string;
  /** Request-URI of what is sent to it. */
  readonly target: string;
  /** The flow that was found last. */
  private found: Flow | undefined = undefined;
  /** Devices that mail was kept for when this was worked out. */
  readonly remembered: readonly string[];
  private readonly isSilent: boolean;
  readonly binding: Binding;

  constructor(binding: Binding, remembered: readonly string[], until: number) {
    this.until = until;
    this.device = binding.device;
    this.target = binding.target;
    this.remembered = remembered;
    this.isSilent = binding.isSilent;
    this.binding = binding;
  }

  /** The flow that leads there; undefined when it is gone. */
  flowIn(flows: Pick<FlowTable, 'find'>): Flow | undefined {
    if (this.found?.open !== true) this.found = flows.find(this.binding.flow);
    return this.found;
  }

  /** Whether the sender of a request wants nothing of a device that this one may lack. @spec RFC 3841 §7.2 */
  suits(request: SipRequest): boolean {
    return this.isSilent || !hasPreferences(request);
  }
}

/** What direct targets are found with. */
export interface DirectTargetsOptions {
  readonly instance: string;
  readonly clock: Clock;
  readonly entries: AccountEntries;
  readonly devices: Pick<DeviceBook, 'remembered'>;
  readonly mailboxes: Pick<MailboxBook, 'isWaiting'>;
}

/** Accounts whose messages go straight to one device, as nearly all do: they are found without looking at a list. */
export class DirectTargets {
  private readonly options: DirectTargetsOptions;

  constructor(options: DirectTargetsOptions) {
    this.options = options;
  }

  /** Where messages to an account go; undefined where more has to be looked at. */
  find(account: string): DirectTarget | undefined {
    const { entries, clock, mailboxes } = this.options;
    const entry = entries.find(account);
    if (entry?.account === undefined) return undefined;
    const now = clock.wallTime();
    const known = entry.direct;
    const isValid = known !== undefined && known.remembered === entry.remembered && now < known.until * 1000;
    const direct = isValid ? known : (entry.direct = this.workOut(entry, now));
    const hasMail = direct !== undefined && (entry.mailbox !== undefined || entry.own !== undefined);
    return hasMail && mailboxes.isWaiting(account, direct.device) ? undefined : direct;
  }

  private workOut(entry: AccountEntry, now: number): DirectTarget | undefined {
    const { bindings, targets } = entry;
    const [binding] = targets;
    if (binding === undefined || bindings.length > 1 || binding.expiresAt <= now || !this.isOverFlow(binding))
      return undefined;
    const remembered = this.options.devices.remembered(entry.name);
    if (!binding.isPlain || !remembered.every((device) => device === binding.device)) return undefined;
    return new DirectTarget(binding, remembered, Math.min(entry.boundUntil, entry.rememberedUntil));
  }

  private isOverFlow({ edgeInstance, flow, path, target }: Binding): boolean {
    return edgeInstance === this.options.instance && flow !== '' && path.length === 0 && target.startsWith('sip:');
  }
}
