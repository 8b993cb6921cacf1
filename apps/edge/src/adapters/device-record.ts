import type { edge } from '@parley/contracts';
import type { Device } from '../mailbox/device.ts';
import type { SharedTexts } from './shared-texts.ts';

/** The device as its bucket keeps it. */
export function deviceToRecord(account: string, device: Device): edge.DeviceRecord {
  const { id, ...facts } = device;
  return { account, device: id, ...facts };
}

/** The inverse of {@link deviceToRecord}. */
export function deviceFromRecord({ device, account: _, ...facts }: edge.DeviceRecord, texts: SharedTexts): Device {
  const { supported, userAgent } = facts;
  return { ...facts, id: device, supported: texts.all(supported), userAgent: texts.of(userAgent) };
}
