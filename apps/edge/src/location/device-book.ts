import type { Bucket, Bus, BusFailure } from '@parley/bus';
import { buckets, deviceKey, devicesPrefix, edge } from '@parley/contracts';
import type { Clock, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import { deviceFromRecord, deviceToRecord } from '../adapters/device-record.ts';
import type { Device } from '../mailbox/device.ts';
import { devicesToRemember, isRemembered } from '../mailbox/device.ts';
import type { Binding } from '../registrar/binding.ts';

const none: ReadonlyMap<string, Device> = new Map();

/** Devices that mail is kept for, from a watched copy of their bucket. Keyed by account name. */
export class DeviceBook implements Disposable {
  private readonly bucket: Bucket<edge.DeviceRecord>;
  private readonly clock: Clock;
  private readonly memory: number;
  private readonly byAccount = new Map<string, Map<string, Device>>();
  /** Account and device of each key of the copy. */
  private readonly keys = new Map<string, edge.DeviceRecord>();
  private readonly stopWatching: () => void;
  /** Settles once the copy holds all that existed when the book was opened. */
  readonly filled: Promise<void>;

  /** @param memory - milliseconds after the end of its last binding for which a device is remembered */
  constructor(bus: Bus, clock: Clock, memory: number) {
    this.clock = clock;
    this.memory = memory;
    this.bucket = bus.bucket(buckets.devices, edge.DeviceRecord);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.filled = promise;
    const watch = this.bucket.watch('', {
      changed: (event) => {
        if (event.kind === 'put') this.keep(event.key, event.value);
        else this.forget(event.key);
      },
      ready: () => {
        resolve(undefined);
      },
    });
    this.stopWatching = () => {
      watch.stop();
    };
  }

  /** Ids of the devices of an account that mail is kept for. */
  remembered(account: string): readonly string[] {
    const now = this.clock.wallTime();
    const ids: string[] = [];
    for (const device of (this.byAccount.get(account) ?? none).values()) {
      if (isRemembered(device, now, this.memory)) ids.push(device.id);
    }
    return ids;
  }

  /** Stores the devices of bindings that are being made, where they are news. */
  async remember(account: string, bindings: readonly Binding[]): Promise<Result<void, BusFailure>> {
    const known = [...(this.byAccount.get(account) ?? none).values()];
    const news = devicesToRemember(known, bindings, this.clock.wallTime(), this.memory);
    for (const device of news) {
      const key = deviceKey(account, device.id);
      const record = deviceToRecord(account, device);
      const put = await this.bucket.put(key, record);
      if (!put.ok) return put;
      this.keep(key, record);
    }
    return ok(undefined);
  }

  /** Forgets every device of an account. */
  async removeAll(account: string): Promise<Result<void, BusFailure>> {
    const keys = await this.bucket.keys(devicesPrefix(account));
    if (!keys.ok) return keys;
    for (const key of keys.value) {
      const deleted = await this.bucket.delete(key);
      if (!deleted.ok) return deleted;
      this.forget(key);
    }
    return ok(undefined);
  }

  /** Takes those out of the store whose time of memory is over. */
  async sweep(): Promise<void> {
    const now = this.clock.wallTime();
    for (const [key, record] of this.keys) {
      if (!isRemembered(deviceFromRecord(record), now, this.memory * 2)) await this.bucket.delete(key);
    }
  }

  [Symbol.dispose](): void {
    this.stopWatching();
  }

  private keep(key: string, record: edge.DeviceRecord): void {
    this.keys.set(key, record);
    const devices = this.byAccount.get(record.account) ?? new Map<string, Device>();
    this.byAccount.set(record.account, devices.set(record.device, deviceFromRecord(record)));
  }

  private forget(key: string): void {
    const record = this.keys.get(key);
    if (record === undefined) return;
    this.keys.delete(key);
    const devices = this.byAccount.get(record.account);
    devices?.delete(record.device);
    if (devices?.size === 0) this.byAccount.delete(record.account);
  }
}
