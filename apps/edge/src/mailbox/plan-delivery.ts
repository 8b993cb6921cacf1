import type { Binding } from '../registrar/binding.ts';

/** Where a message goes when it comes. */
export interface DeliveryPlan {
  /** Sent at once, to all bindings of each device. */
  readonly live: ReadonlyMap<string, readonly Binding[]>;
  /** Devices that get a stored copy: away, or with older mail that must come first; undefined: nobody to store for. */
  readonly copies: readonly string[] | undefined;
}

/** What is known of a recipient when a message comes. */
export interface Recipient {
  readonly bindings: readonly Binding[];
  /** Devices that mail is kept for. */
  readonly remembered: readonly string[];
  /** Whether older mail waits for a device. */
  readonly isWaiting: (device: string) => boolean;
}

/**
 * Live devices are sent to, unless older mail waits for them; all others get a copy. An account that never registered a
 * device gets a copy for the first that does.
 */
export function planDelivery({ bindings, remembered, isWaiting }: Recipient): DeliveryPlan {
  const all = byDevice(bindings);
  const behind = [...all.keys()].filter(isWaiting);
  const away = remembered.filter((device) => !all.has(device));
  if (all.size === 0 && away.length === 0) return { live: all, copies: [] };
  const copies = [...behind, ...away];
  if (copies.length === 0) return { live: all, copies: undefined };
  return { live: new Map([...all].filter(([device]) => !behind.includes(device))), copies };
}

/** Bindings by the device that they belong to. */
export function byDevice(bindings: readonly Binding[]): ReadonlyMap<string, readonly Binding[]> {
  const devices = new Map<string, Binding[]>();
  for (const binding of bindings) {
    const others = devices.get(binding.device);
    if (others === undefined) devices.set(binding.device, [binding]);
    else others.push(binding);
  }
  return devices;
}
