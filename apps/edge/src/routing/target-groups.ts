import type { Binding } from '../registrar/binding.ts';
import { preferenceOf } from '../registrar/binding.ts';

/** The flows of one device, the latest first: the others are for when it fails. @spec RFC 5626 §5.3, §7.1 */
export type DeviceTargets = readonly [Binding, ...Binding[]];

/**
 * Devices in the order in which they are tried: those of one group at a time in parallel, the groups one after another by
 * their q.
 *
 * @param breadth - most devices that may be tried at a time; larger groups are cut. @spec RFC 5393 §5.3.3
 * @spec RFC 3261 §16.6 (target set, "the proxy MAY … sequentially")
 */
export function targetGroups(bindings: readonly Binding[], breadth: number): readonly (readonly DeviceTargets[])[] {
  const byPreference = new Map<number, DeviceTargets[]>();
  for (const device of devicesOf(bindings)) {
    const q = Math.max(...device.map(preferenceOf));
    const group = byPreference.get(q);
    if (group === undefined) byPreference.set(q, [device]);
    else group.push(device);
  }
  return [...byPreference]
    .sort(([a], [b]) => b - a)
    .flatMap(([, group]) =>
      Array.from({ length: Math.ceil(group.length / breadth) }, (_, i) => cut(group, i, breadth)),
    );
}

function cut(group: readonly DeviceTargets[], index: number, breadth: number): readonly DeviceTargets[] {
  return group.slice(index * breadth, (index + 1) * breadth);
}

/** Bindings with a reg-id are flows of their instance; any other is a device by itself. */
function devicesOf(bindings: readonly Binding[]): readonly DeviceTargets[] {
  const byInstance = new Map<string, Binding[]>();
  for (const binding of bindings) {
    const { instance, regId } = binding.contact;
    const name = instance === undefined || regId === undefined ? `key ${binding.key}` : instance.toLowerCase();
    const known = byInstance.get(name);
    if (known === undefined) byInstance.set(name, [binding]);
    else known.push(binding);
  }
  return [...byInstance.values()].flatMap((flows) => {
    const [latest, ...others] = flows.toSorted((a, b) => b.expiresAt - a.expiresAt);
    return latest === undefined ? [] : [[latest, ...others] as const];
  });
}
