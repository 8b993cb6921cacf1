import type { Audience } from '../hub/audience.ts';
import type { Outlet } from '../hub/outlet.ts';
import type { Surroundings } from './surroundings.ts';

/** Milliseconds between looks whether the recipients have caught up: one tick of the clock. */
const look = 10;

/** Milliseconds in which a recipient that is behind must have taken something, or it is not waited for any more. */
const patience = 5000;

/** Whoever can be made to wait. */
type Holdable = Pick<Outlet, 'isOpen' | 'isHeld' | 'hold' | 'letGo'>;

/** Whoever makes a sender wait. */
type Checkable = Pick<Outlet, 'checkProgress'>;

/** Whether a sender has to wait: most of those who hear it are behind. A few slow ones never slow the room. */
export function areMostBehind(behind: number, recipients: number): boolean {
  return behind * 2 > recipients;
}

/**
 * Lets a sender wait while most of its recipients are behind, by not reading from its connection; so the room goes at the
 * pace of the majority, and who is slower than that is dropped by the cap of its queue.
 *
 * @spec RFC 7701 §6.4
 */
export class Pacer {
  private readonly around: Pick<Surroundings, 'clock'>;
  /** When it was last noted what they took: who makes several senders wait is asked for all of them together. */
  private readonly checked = new WeakMap<Checkable, number>();

  constructor(around: Pick<Surroundings, 'clock'>) {
    this.around = around;
  }

  hold(sender: Holdable, audience: Audience): void {
    if (sender.isHeld) return;
    sender.hold();
    this.wait(sender, audience, this.around.clock.now() + patience);
  }

  private wait(sender: Holdable, audience: Audience, nextCheck: number): void {
    const { clock } = this.around;
    clock.after(look, () => {
      const outlets = audience.recipients.flatMap(({ outlet }) => (outlet?.isOpen === true ? [outlet] : []));
      const behind = [...outlets, ...audience.beyond].filter(({ isBehind }) => isBehind);
      const isCheck = clock.now() >= nextCheck;
      if (isCheck) for (const outlet of behind) this.check(outlet);
      const still = outlets.filter(({ isBehind }) => isBehind).length;
      const mustWait = areMostBehind(still, outlets.length) || audience.beyond.some(({ isBehind }) => isBehind);
      if (!sender.isOpen || !mustWait) sender.letGo();
      else this.wait(sender, audience, isCheck ? clock.now() + patience : nextCheck);
    });
  }

  private check(outlet: Checkable): void {
    const now = this.around.clock.now();
    if (now - (this.checked.get(outlet) ?? -Infinity) < patience) return;
    this.checked.set(outlet, now);
    outlet.checkProgress();
  }
}
