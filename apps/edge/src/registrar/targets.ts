import type { SipRequest } from '@parley/sip';
import type { Binding } from './binding.ts';
import { preferenceOf } from './binding.ts';
import type { Preferred } from './caller-preferences.ts';
import { preferredBindings } from './caller-preferences.ts';

/**
 * One target of a request: the flows of a device, of which one is tried after the other, never two at a time. A contact
 * without instance is a target by itself.
 *
 * @spec RFC 5626 §7
 */
export type Target = readonly [Binding, ...Binding[]];

/**
 * The target set of a request: what its sender prefers of the bindings, a device once, from the most to the least wanted.
 *
 * @spec RFC 3261 §16.5, RFC 3841 §7.2.4
 */
export function targetsOf(request: SipRequest, bindings: readonly Binding[]): readonly Target[] {
  const [only] = bindings;
  const preferred = preferredBindings(request, bindings);
  if (bindings.length === 1 && only !== undefined) return preferred.length === 0 ? [] : [[only]];
  return devices(preferred).map(({ flows }) => flows);
}

/** Bindings as targets, whoever asks. */
export function flowsOf(bindings: readonly Binding[]): readonly Target[] {
  const [only] = bindings;
  if (bindings.length === 1 && only !== undefined) return [[only]];
  return devices(bindings.map((binding) => ({ binding, score: 1 }))).map(({ flows }) => flows);
}

/** Targets in groups of one q, the highest first: those of a group are tried together, the groups in turn. @spec RFC 3261 §16.6 */
export function byPreference(targets: readonly Target[]): readonly (readonly Target[])[] {
  const groups = new Map<number, Target[]>();
  for (const target of targets) {
    const q = preferenceOf(target[0]);
    const group = groups.get(q);
    if (group === undefined) groups.set(q, [target]);
    else group.push(target);
  }
  return [...groups].toSorted(([a], [b]) => b - a).map(([, group]) => group);
}

interface Device {
  readonly flows: Target;
  readonly score: number;
}

function devices(preferred: readonly Preferred[]): readonly Device[] {
  const byInstance = new Map<string, Preferred[]>();
  for (const one of preferred) {
    const { contact, key } = one.binding;
    const name = contact.instance?.toLowerCase() ?? ` ${key}`;
    const others = byInstance.get(name);
    if (others === undefined) byInstance.set(name, [one]);
    else others.push(one);
  }
  return [...byInstance.values()].flatMap(deviceOf).toSorted(byWish);
}

function deviceOf(preferred: readonly Preferred[]): readonly Device[] {
  const [first, ...others] = preferred.map(({ binding }) => binding).toSorted(byFreshness);
  if (first === undefined) return [];
  return [{ flows: [first, ...others], score: Math.max(...preferred.map(({ score }) => score)) }];
}

/** The flow that was refreshed last is the likeliest to live. @spec RFC 5627 §6.1 */
function byFreshness(a: Binding, b: Binding): number {
  return preferenceOf(b) - preferenceOf(a) || b.refreshedAt - a.refreshedAt;
}

function byWish(a: Device, b: Device): number {
  return preferenceOf(b.flows[0]) - preferenceOf(a.flows[0]) || b.score - a.score;
}
