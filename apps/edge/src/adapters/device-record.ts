import type { edge } from '@parley/contracts';
import type { Device } from '../mailbox/device.ts';

/** The device as its bucket keeps it. */
export function deviceToRecord(account: string, device: Device): edge.DeviceRecord {
  const { id, supported, userAgent, boundUntil, since } = device;
  return { account, device: id, supported, userAgent, boundUntil, since };
}

/** The inverse of {@link deviceToRecord}. */
export function deviceFromRecord({ device, supported, userAgent, boundUntil, since }: edge.DeviceRecord): Device {
  return { id: device, supported, userAgent, boundUntil, since };
}
