import type { NatsPlan } from '../nats/server-config.ts';

/** What the guard of one installation looks after. */
export interface GuardTask {
  /** Lock file that says that the earlier run's processes may still be there. */
  readonly lock: string;
  /** How long the services may take to end by themselves, in milliseconds. */
  readonly patience: number;
  /** The private NATS; absent when the installation uses somebody else's. */
  readonly nats?: NatsPlan;
}

/** Name of the variable that carries the task: unlike arguments, other users cannot read it. */
export const taskVariable = 'GUARD_TASK';

/** The task that the launcher gave to this process. */
export function readTask(environment: NodeJS.ProcessEnv): GuardTask {
  // The launcher of the same version wrote it just now.
  return JSON.parse(environment[taskVariable] ?? '{}') as GuardTask;
}
