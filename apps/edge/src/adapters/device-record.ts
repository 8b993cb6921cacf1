import type { edge } from '@parley/contracts';
import type { Device } from '../mailbox/device.ts';
import { sharedText, sharedTexts } from './shared-text.ts';

/** The device as its bucket keeps it. */
export function deviceToRecord(account: string, device: Device): edge.DeviceRecord {
  const { id, ...facts } = device;
  return { account, device: id, ...facts };
}

/** The inverse of {@link deviceToRecord}. */
export function deviceFromRecord({ device, account: _, ...facts }: edge.DeviceRecord): Device {
  const { supported, userAgent } = facts;
  return { ...facts, id: device, supported: sharedTexts(supported), userAgent: sharedText(userAgent) };
}
