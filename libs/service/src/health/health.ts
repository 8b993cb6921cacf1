/** Tells why something is not ready; undefined when it is. Cheap and synchronous: probes come every few seconds. */
export type ReadinessCheck = () => string | undefined;

/** What a probe is told. */
export interface HealthReport {
  readonly ok: boolean;
  /** By check and by note, `ok` or why not. */
  readonly checks: Readonly<Record<string, string>>;
}

/** Whether a process lives and may be sent work. Starting and draining processes live and may not. */
export class Health {
  private readonly checks = new Map<string, ReadinessCheck>();
  private readonly notes = new Map<string, ReadinessCheck>();
  private stage: 'starting' | 'running' | 'draining' = 'starting';
  private fatal: string | undefined;

  /** Adds a named check to readiness; one of the same name is replaced. Returns what removes it. */
  check(name: string, isReady: ReadinessCheck): () => void {
    this.checks.set(name, isReady);
    return () => {
      if (this.checks.get(name) === isReady) this.checks.delete(name);
    };
  }

  /** Adds what is told with readiness and does not decide it: something is amiss, and the process may be sent work. */
  note(name: string, isWell: ReadinessCheck): () => void {
    this.notes.set(name, isWell);
    return () => {
      if (this.notes.get(name) === isWell) this.notes.delete(name);
    };
  }

  started(): void {
    if (this.stage === 'starting') this.stage = 'running';
  }

  drain(): void {
    this.stage = 'draining';
  }

  get draining(): boolean {
    return this.stage === 'draining';
  }

  /** Declares the process beyond repair, so that whoever watches it starts another. */
  fail(reason: string): void {
    this.fatal ??= reason;
  }

  liveness(): HealthReport {
    return { ok: this.fatal === undefined, checks: { process: this.fatal ?? 'ok' } };
  }

  readiness(): HealthReport {
    const stage = this.stage === 'running' ? 'ok' : this.stage;
    const checks = { stage, ...statesOf(this.checks) };
    const ok = Object.values(checks).every((state) => state === 'ok') && this.fatal === undefined;
    return { ok, checks: { ...checks, ...statesOf(this.notes) } };
  }
}

function statesOf(checks: ReadonlyMap<string, ReadinessCheck>): Readonly<Record<string, string>> {
  return Object.fromEntries([...checks].map(([name, isWell]) => [name, isWell() ?? 'ok']));
}
