import type { SipRequest } from '@parley/sip';
import { isDirected } from '../routing/request-disposition.ts';
import type { Binding } from './binding.ts';
import { isIndifferent } from './caller-preferences.ts';
import { targetsOf } from './targets.ts';

/** Which devices a message is for, by the wish of its sender. */
export interface Wanted {
  /** Where it goes now. */
  readonly bindings: readonly Binding[];
  /** Whether a copy may be kept for a device that is away. */
  readonly keepsFor: (device: string) => boolean;
}

/**
 * Takes out of the live bindings what the sender does not want to reach. With `no-fork` one device is left, and nobody
 * else gets a copy. The other directives give way to how messages are delivered here, which is to all devices at once.
 *
 * @returns undefined where one is as good as the other
 * @spec RFC 3841 §7.1, §7.2, §9.1
 */
export function wantedOf(request: SipRequest, bindings: readonly Binding[]): Wanted | undefined {
  const isAlone = bindings.length > 0 && isDirected(request, 'no-fork');
  if (!isAlone && isIndifferent(request, bindings)) return undefined;
  const targets = targetsOf(request, bindings);
  const wanted = (isAlone ? targets.slice(0, 1) : targets).flat();
  const live = new Set(bindings.map(({ device }) => device));
  return { bindings: wanted, keepsFor: (device) => !isAlone && !live.has(device) };
}
