import { backoff } from './restart-policy.ts';
import type { RestartPolicy } from './restart-policy.ts';
import { assertNever } from '@parley/prelude';

/** What one supervised process is doing; times are monotonic milliseconds. */
export type Lifecycle =
  | { readonly kind: 'starting'; readonly first: boolean; readonly failures: number }
  | { readonly kind: 'running'; readonly failures: number; readonly since: number }
  | { readonly kind: 'waiting'; readonly failures: number }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'stopped' };

/** What happens to a supervised process. */
export type LifecycleInput =
  | { readonly kind: 'ready'; readonly now: number }
  | { readonly kind: 'exited'; readonly now: number; readonly how: string }
  | { readonly kind: 'timer' }
  | { readonly kind: 'stop' };

/** What its supervisor does about it. There is one timer: arming it again replaces it. */
export type LifecycleEffect =
  | { readonly kind: 'spawn' }
  | { readonly kind: 'arm'; readonly ms: number }
  | { readonly kind: 'disarm' }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'kill' }
  | { readonly kind: 'tell-ready' }
  | { readonly kind: 'tell-failed'; readonly how: string }
  | { readonly kind: 'tell-restart'; readonly how: string; readonly delay: number }
  | { readonly kind: 'tell-stopped' };

type Step = readonly [Lifecycle, readonly LifecycleEffect[]];

/** The first state and what it asks for. */
export function begin(policy: RestartPolicy): Step {
  return [
    { kind: 'starting', first: true, failures: 0 },
    [{ kind: 'spawn' }, { kind: 'arm', ms: policy.startDeadline }],
  ];
}

/**
 * One step of a supervised process.
 *
 * Only the very first start may fail for good: later on the process is started again for as long as it takes.
 */
export function step(state: Lifecycle, input: LifecycleInput, policy: RestartPolicy): Step {
  switch (state.kind) {
    case 'starting':
      return whileStarting(state, input, policy);
    case 'running':
      return whileRunning(state, input, policy);
    case 'waiting':
      return whileWaiting(state, input, policy);
    case 'stopping':
      return whileStopping(state, input);
    case 'stopped':
      return [state, []];
    default:
      return assertNever(state);
  }
}

function whileStarting(state: Lifecycle & { kind: 'starting' }, input: LifecycleInput, policy: RestartPolicy): Step {
  switch (input.kind) {
    case 'ready':
      return [
        { kind: 'running', failures: state.failures, since: input.now },
        [{ kind: 'disarm' }, { kind: 'tell-ready' }],
      ];
    case 'exited':
      if (state.first) return [{ kind: 'stopped' }, [{ kind: 'disarm' }, { kind: 'tell-failed', how: input.how }]];
      return restart(state.failures, input.how, policy);
    case 'timer':
      return [state, [{ kind: 'kill' }]];
    case 'stop':
      return stop(policy);
    default:
      return assertNever(input);
  }
}

function whileRunning(state: Lifecycle & { kind: 'running' }, input: LifecycleInput, policy: RestartPolicy): Step {
  switch (input.kind) {
    case 'exited':
      return restart(input.now - state.since >= policy.stable ? 0 : state.failures, input.how, policy);
    case 'stop':
      return stop(policy);
    case 'ready':
    case 'timer':
      return [state, []];
    default:
      return assertNever(input);
  }
}

function whileWaiting(state: Lifecycle & { kind: 'waiting' }, input: LifecycleInput, policy: RestartPolicy): Step {
  switch (input.kind) {
    case 'timer':
      return [
        { kind: 'starting', first: false, failures: state.failures },
        [{ kind: 'spawn' }, { kind: 'arm', ms: policy.startDeadline }],
      ];
    case 'stop':
      return [{ kind: 'stopped' }, [{ kind: 'disarm' }, { kind: 'tell-stopped' }]];
    case 'ready':
    case 'exited':
      return [state, []];
    default:
      return assertNever(input);
  }
}

function whileStopping(state: Lifecycle & { kind: 'stopping' }, input: LifecycleInput): Step {
  switch (input.kind) {
    case 'exited':
      return [{ kind: 'stopped' }, [{ kind: 'disarm' }, { kind: 'tell-stopped' }]];
    case 'timer':
      return [state, [{ kind: 'kill' }]];
    case 'ready':
    case 'stop':
      return [state, []];
    default:
      return assertNever(input);
  }
}

function restart(failures: number, how: string, policy: RestartPolicy): Step {
  const delay = backoff(failures, policy);
  return [
    { kind: 'waiting', failures: failures + 1 },
    [
      { kind: 'tell-restart', how, delay },
      { kind: 'arm', ms: delay },
    ],
  ];
}

function stop(policy: RestartPolicy): Step {
  return [{ kind: 'stopping' }, [{ kind: 'terminate' }, { kind: 'arm', ms: policy.drainDeadline }]];
}
