import type { Bucket, Bus, BusFailure, Following } from '@parley/bus';
import { followBucket, OwnWrites } from '@parley/bus';
import { buckets, decodeToken, deviceKey, devicesPrefix, edge } from '@parley/contracts';
import type { Clock, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import { deviceFromRecord, deviceToRecord } from '../adapters/device-record.ts';
import { SharedTexts } from '../adapters/shared-texts.ts';
import type { Acceptance, Device } from '../mailbox/device.ts';
import { devicesToRemember, isRemembered } from '../mailbox/device.ts';
import type { Binding } from '../registrar/binding.ts';
import { wholeSeconds } from './account-entries.ts';
import type { AccountEntries, AccountEntry } from './account-entries.ts';

const nothing: readonly string[] = [];

/** Devices that mail is kept for, from a watched copy of their bucket. Keyed by account name. */
export class DeviceBook implements Disposable {
  private readonly bucket: Bucket<edge.DeviceRecord>;
  private readonly clock: Clock;
  private readonly memory: number;
  private readonly entries: AccountEntries;
  /** How many take plain text only, and how many no status of composing, so that none costs a look at them. */
  private plainOnly = 0;
  private noComposing = 0;
  private readonly texts = new SharedTexts();
  private readonly writes = new OwnWrites();
  private readonly following: Following;

  /** @param memory - milliseconds after the end of its last binding for which a device is remembered */
  constructor(bus: Bus, clock: Clock, memory: number, entries: AccountEntries) {
    this.clock = clock;
    this.entries = entries;
    this.memory = memory;
    this.bucket = bus.bucket(buckets.devices, edge.DeviceRecord);
    this.following = followBucket(this.bucket, (event) => {
      if (!this.writes.hears(event)) return;
      if (event.kind === 'put') this.keep(event.value);
      else this.forget(event.key);
    });
  }

  /** Settles once the copy holds all that existed when the book was opened. */
  get filled(): Promise<void> {
    return this.following.filled;
  }

  /** Ids of the devices of an account that mail is kept for. */
  remembered(account: string): readonly string[] {
    const entry = this.entries.find(account);
    if (entry === undefined) return nothing;
    const now = this.clock.wallTime();
    const { remembered } = entry;
    return remembered !== undefined && now < entry.rememberedUntil * 1000 ? remembered : this.lookUp(entry, now);
  }

  private lookUp(entry: AccountEntry, now: number): readonly string[] {
    const since = entry.account?.createdAt ?? 0;
    const kept = entry.devices.filter((device) => isOf(device, since) && isRemembered(device, now, this.memory));
    entry.remembered = kept.length === 0 ? nothing : kept.map(({ id }) => id);
    entry.rememberedUntil = wholeSeconds(Math.min(...kept.map(({ boundUntil }) => boundUntil)) + this.memory);
    return entry.remembered;
  }

  /** Whether a device said, when it last registered, that it supports an extension. @param tag - in lower case */
  supports(account: string, device: string, tag: string): boolean {
    const known = this.find(account, device);
    return known?.supported.some((each) => each.toLowerCase() === tag) === true && isOf(known, this.sinceOf(account));
  }

  /** Whether a device is known to take plain text only. */
  isPlainOnly(account: string, device: string): boolean {
    if (this.plainOnly === 0) return false;
    const known = this.find(account, device);
    return known?.plainOnly === true && isOf(known, this.sinceOf(account));
  }

  /** Remembers that a device takes plain text only, at once here and, when the store has it, everywhere. */
  notePlainOnly(account: string, device: string): void {
    if (!this.isPlainOnly(account, device)) this.note(account, device, { plainOnly: true });
  }

  /** Whether a device is known to take no status of composing. */
  takesNoComposing(account: string, device: string): boolean {
    if (this.noComposing === 0) return false;
    const known = this.find(account, device);
    return known?.noComposing === true && isOf(known, this.sinceOf(account));
  }

  /** Remembers that a device refused a status of composing; likewise. */
  noteNoComposing(account: string, device: string): void {
    this.note(account, device, { noComposing: true });
  }

  private note(account: string, device: string, learned: Partial<edge.DeviceRecord>): void {
    const known = this.find(account, device);
    if (known === undefined) return;
    this.keep({ ...deviceToRecord(account, known), ...learned });
    // What is lost here is learned again from the next refusal.
    void this.store(deviceKey(account, device), learned);
  }

  /** Adds what was learned to what the store has: another edge may have heard from the device meanwhile. */
  private async store(key: string, learned: Partial<edge.DeviceRecord>): Promise<void> {
    const entry = await this.bucket.get(key);
    if (!entry.ok || entry.value === undefined) return;
    const record = { ...entry.value.value, ...learned };
    const updated = await this.bucket.update(key, record, entry.value.revision);
    if (updated.ok && updated.value.outcome === 'updated') this.learn(key, updated.value.revision, record);
  }

  /** What was written here, unless the watch has told something newer. */
  private learn(key: string, revision: number, record: edge.DeviceRecord): void {
    if (this.writes.isNews(key, revision)) this.keep(record);
  }

  /**
   * Stores the devices of bindings that are being made, where they are news.
   *
   * @param says - what their REGISTER says
   */
  async remember(account: string, bindings: readonly Binding[], says?: Acceptance): Promise<Result<void, BusFailure>> {
    const since = this.sinceOf(account);
    const known = this.devicesOf(account).filter((device) => isOf(device, since));
    const news = devicesToRemember(known, bindings, this.clock.wallTime(), this.memory, since, says);
    for (const device of news) {
      const record = deviceToRecord(account, device);
      const key = deviceKey(account, device.id);
      const put = await this.bucket.put(key, record);
      if (!put.ok) return put;
      this.learn(key, put.value, record);
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
    for (const { name, devices } of this.entries.all()) {
      for (const device of devices) {
        if (!isRemembered(device, now, this.memory * 2)) await this.bucket.delete(deviceKey(name, device.id));
      }
    }
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }

  private sinceOf(account: string): number {
    return this.entries.find(account)?.account?.createdAt ?? 0;
  }

  private devicesOf(account: string): readonly Device[] {
    return this.entries.find(account)?.devices ?? [];
  }

  private find(account: string, id: string): Device | undefined {
    return this.devicesOf(account).find((device) => device.id === id);
  }

  private keep(record: edge.DeviceRecord): void {
    const entry = this.entries.at(record.account);
    const device = deviceFromRecord(record, this.texts);
    this.set(entry, device.id, [device]);
    this.count(device, 1);
  }

  private forget(key: string): void {
    const [account, device] = [key.slice(0, key.indexOf('.')), key.slice(key.indexOf('.') + 1)].map(decodeToken);
    const entry = account?.ok === true ? this.entries.find(account.value) : undefined;
    if (entry === undefined || device?.ok !== true) return;
    this.set(entry, device.value, []);
    this.entries.release(entry);
  }

  /** Puts what is known now in the place of what was known of a device. */
  private set(entry: AccountEntry, id: string, known: readonly Device[]): void {
    const gone = entry.devices.find((device) => device.id === id);
    if (gone !== undefined) this.count(gone, -1);
    entry.devices = [...entry.devices.filter((device) => device !== gone), ...known];
    entry.remembered = undefined;
  }

  private count({ plainOnly, noComposing }: Device, by: 1 | -1): void {
    if (plainOnly) this.plainOnly += by;
    if (noComposing) this.noComposing += by;
  }
}

function isOf({ accountSince }: Device, since: number): boolean {
  return accountSince === 0 || accountSince >= since;
}
