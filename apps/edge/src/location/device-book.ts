import type { Bucket, Bus, BusFailure, Following } from '@parley/bus';
import { followBucket } from '@parley/bus';
import { buckets, deviceKey, devicesPrefix, edge } from '@parley/contracts';
import type { Clock, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import { deviceFromRecord, deviceToRecord } from '../adapters/device-record.ts';
import type { Acceptance, Device } from '../mailbox/device.ts';
import { devicesToRemember, isRemembered } from '../mailbox/device.ts';
import type { AccountBook } from '../accounts/account-book.ts';
import type { Binding } from '../registrar/binding.ts';

const none: ReadonlyMap<string, Device> = new Map();

/** Devices that mail is kept for, from a watched copy of their bucket. Keyed by account name. */
export class DeviceBook implements Disposable {
  private readonly bucket: Bucket<edge.DeviceRecord>;
  private readonly clock: Clock;
  private readonly memory: number;
  private readonly accounts: Pick<AccountBook, 'find'>;
  private readonly byAccount = new Map<string, Map<string, Device>>();
  /** Account and device of each key of the copy. */
  private readonly keys = new Map<string, edge.DeviceRecord>();
  /** How many take plain text only, and how many no status of composing, so that none costs a look at them. */
  private plainOnly = 0;
  private noComposing = 0;
  private readonly following: Following;

  /** @param memory - milliseconds after the end of its last binding for which a device is remembered */
  constructor(bus: Bus, clock: Clock, memory: number, accounts: Pick<AccountBook, 'find'>) {
    this.clock = clock;
    this.accounts = accounts;
    this.memory = memory;
    this.bucket = bus.bucket(buckets.devices, edge.DeviceRecord);
    this.following = followBucket(this.bucket, (event) => {
      if (event.kind === 'put') this.keep(event.key, event.value);
      else this.forget(event.key);
    });
  }

  /** Settles once the copy holds all that existed when the book was opened. */
  get filled(): Promise<void> {
    return this.following.filled;
  }

  /** Ids of the devices of an account that mail is kept for. */
  remembered(account: string): readonly string[] {
    const now = this.clock.wallTime();
    const devices = this.byAccount.get(account);
    if (devices === undefined) return [];
    const since = this.sinceOf(account);
    const ids: string[] = [];
    for (const device of devices.values()) {
      if (isOf(device, since) && isRemembered(device, now, this.memory)) ids.push(device.id);
    }
    return ids;
  }

  /** Whether a device said, when it last registered, that it supports an extension. @param tag - in lower case */
  supports(account: string, device: string, tag: string): boolean {
    const known = this.byAccount.get(account)?.get(device);
    return known?.supported.some((each) => each.toLowerCase() === tag) === true && isOf(known, this.sinceOf(account));
  }

  /** Whether a device is known to take plain text only. */
  isPlainOnly(account: string, device: string): boolean {
    if (this.plainOnly === 0) return false;
    const known = this.byAccount.get(account)?.get(device);
    return known?.plainOnly === true && isOf(known, this.sinceOf(account));
  }

  /** Remembers that a device takes plain text only, at once here and, when the store has it, everywhere. */
  notePlainOnly(account: string, device: string): void {
    if (!this.isPlainOnly(account, device)) this.note(account, device, { plainOnly: true });
  }

  /** Whether a device is known to take no status of composing. */
  takesNoComposing(account: string, device: string): boolean {
    if (this.noComposing === 0) return false;
    const known = this.byAccount.get(account)?.get(device);
    return known?.noComposing === true && isOf(known, this.sinceOf(account));
  }

  /** Remembers that a device refused a status of composing; likewise. */
  noteNoComposing(account: string, device: string): void {
    this.note(account, device, { noComposing: true });
  }

  private note(account: string, device: string, learned: Partial<edge.DeviceRecord>): void {
    const key = deviceKey(account, device);
    const record = this.keys.get(key);
    if (record === undefined) return;
    const noted = { ...record, ...learned };
    this.keep(key, noted);
    // What is lost here is learned again from the next refusal.
    void this.bucket.put(key, noted);
  }

  /**
   * Stores the devices of bindings that are being made, where they are news.
   *
   * @param says - what their REGISTER says
   */
  async remember(account: string, bindings: readonly Binding[], says?: Acceptance): Promise<Result<void, BusFailure>> {
    const since = this.sinceOf(account);
    const known = [...(this.byAccount.get(account) ?? none).values()].filter((device) => isOf(device, since));
    const news = devicesToRemember(known, bindings, this.clock.wallTime(), this.memory, since, says);
    for (const device of news) {
      const key = deviceKey(account, device.id);
      const record = deviceToRecord(account, device);
      const put = await this.bucket.put(key, record);
      if (!put.ok) return put;
      this.keep(key, record);
    }
    return ok(undefined);
  }

  /**
   * Forgets the devices of an account that is gone, and none of a successor.
   *
   * @param since - when the account was made
   */
  async removeAll(account: string, since: number): Promise<Result<void, BusFailure>> {
    const entries = await this.bucket.entries(devicesPrefix(account));
    if (!entries.ok) return entries;
    for (const { key, value, revision } of entries.value) {
      if (value.accountSince > since) continue;
      const deleted = await this.bucket.delete(key, revision);
      if (!deleted.ok) return deleted;
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
    this.following[Symbol.dispose]();
  }

  private sinceOf(account: string): number {
    return this.accounts.find(account)?.createdAt ?? 0;
  }

  private keep(key: string, record: edge.DeviceRecord): void {
    const before = this.keys.get(key);
    this.plainOnly += Number(record.plainOnly) - Number(before?.plainOnly === true);
    this.noComposing += Number(record.noComposing) - Number(before?.noComposing === true);
    this.keys.set(key, record);
    const devices = this.byAccount.get(record.account) ?? new Map<string, Device>();
    this.byAccount.set(record.account, devices.set(record.device, deviceFromRecord(record)));
  }

  private forget(key: string): void {
    const record = this.keys.get(key);
    if (record === undefined) return;
    this.plainOnly -= Number(record.plainOnly);
    this.noComposing -= Number(record.noComposing);
    this.keys.delete(key);
    const devices = this.byAccount.get(record.account);
    devices?.delete(record.device);
    if (devices?.size === 0) this.byAccount.delete(record.account);
  }
}

function isOf({ accountSince }: Device, since: number): boolean {
  return accountSince === 0 || accountSince >= since;
}
