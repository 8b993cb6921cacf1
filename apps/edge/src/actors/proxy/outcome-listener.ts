import type { SipResponse } from '@parley/sip';
import type { BranchUser } from './branch-user.ts';

/** Hears once whether what was sent was taken. */
export class OutcomeListener implements BranchUser {
  private readonly done: (isTaken: boolean) => void;

  constructor(done: (isTaken: boolean) => void) {
    this.done = done;
  }

  sent(): void {}

  onProvisional(): void {}

  onFinal(response: SipResponse): void {
    this.take(response);
  }

  onTimeout(): void {
    this.done(false);
  }

  onTransportError(): void {
    this.done(false);
  }

  take({ statusCode }: SipResponse): void {
    this.done(statusCode < 300);
  }

  lose(): void {
    this.done(false);
  }
}
