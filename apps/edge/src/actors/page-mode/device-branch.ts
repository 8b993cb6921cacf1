import type { SipRequest, SipResponse } from '@parley/sip';
import { field, withoutFirst } from '@parley/sip';
import type { Binding } from '../../registrar/binding.ts';
import type { BranchUser } from '../proxy/sender.ts';
import type { Reach } from './reach.ts';

/** Whom a branch tells what it brought. */
export interface DeviceBranchFork {
  /** The final response of a branch, without our Via. */
  take(branch: DeviceBranch, response: SipResponse): void;
  /** A branch that brought no response. */
  lose(branch: DeviceBranch): void;
}

/** A message on its way to one contact of a device. */
export class DeviceBranch implements BranchUser {
  readonly reach: Reach;
  readonly binding: Binding;
  /** What it carries, when that is not the message as it came. */
  adapted: SipRequest | undefined;
  private readonly fork: DeviceBranchFork;

  constructor(fork: DeviceBranchFork, reach: Reach, binding: Binding, adapted: SipRequest | undefined) {
    this.fork = fork;
    this.reach = reach;
    this.binding = binding;
    this.adapted = adapted;
  }

  sent(): void {}

  onProvisional(): void {}

  onFinal(response: SipResponse): void {
    this.fork.take(this, withoutFirst(response, field.via));
  }

  onTimeout(): void {
    this.fork.lose(this);
  }

  onTransportError(): void {
    this.fork.lose(this);
  }

  take(response: SipResponse): void {
    this.fork.take(this, response);
  }

  lose(): void {
    this.fork.lose(this);
  }
}
