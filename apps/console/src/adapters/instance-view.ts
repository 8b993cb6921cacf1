import type { common } from '@parley/contracts';
import { timestamp } from './time.ts';

/** A process as the API shows it. */
export interface InstanceView {
  readonly service: string;
  readonly instance: string;
  readonly version: string;
  readonly startedAt: string;
  readonly ready: boolean;
  readonly draining: boolean;
  readonly pid: number;
  readonly addresses: readonly string[];
  readonly checks: readonly { readonly name: string; readonly healthy: boolean; readonly detail: string }[];
}

/** Shows what a process said of itself. */
export function instanceView(status: common.InstanceStatus): InstanceView {
  const { service, instance, version, startedAt, ready, draining, pid, addresses, checks } = status;
  return { service, instance, version, startedAt: timestamp(startedAt), ready, draining, pid, addresses, checks };
}
