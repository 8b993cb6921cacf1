import type { Cancel, Clock } from '@parley/prelude';

/** The timers of one life of an actor, by name; none exists until the first is armed. */
export class NamedTimers {
  private readonly clock: Clock;
  private armed: Map<string, Cancel> | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get size(): number {
    return this.armed?.size ?? 0;
  }

  arm(name: string, delay: number, task: () => void): void {
    this.disarm(name);
    const armed = (this.armed ??= new Map());
    armed.set(
      name,
      this.clock.after(delay, () => {
        armed.delete(name);
        task();
      }),
    );
  }

  disarm(name: string): void {
    this.armed?.get(name)?.();
    this.armed?.delete(name);
  }

  disarmAll(): void {
    for (const cancel of this.armed?.values() ?? []) cancel();
    this.armed = undefined;
  }
}
