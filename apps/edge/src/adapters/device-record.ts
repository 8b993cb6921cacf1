import type { edge } from '@parley/contracts';
import type { Device } from '../mailbox/device.ts';

/** The device as its bucket keeps it. */
export function deviceToRecord(account: string, device: Device): edge.DeviceRecord {
  const { id, ...facts } = device;
  return { account, device: id, ...facts };
}

/** The inverse of {@link deviceToRecord}. */
export function deviceFromRecord({ device, account: _, ...facts }: edge.DeviceRecord): Device {
  return { id: device, ...facts };
}
