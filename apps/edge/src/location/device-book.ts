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

const none: readonly Device[] = [];

/** What stands under a key of the bucket. */
interface Place {
  readonly account: string;
  readonly device: string;
}

/** Devices that mail is kept for, from a watched copy of their bucket. Keyed by account name. */
export class DeviceBook implements Disposable {
  private readonly bucket: Bucket<edge.DeviceRecord>;
  private readonly clock: Clock;
  private readonly memory: number;
  private readonly accounts: Pick<AccountBook, 'find'>;
  private readonly byAccount = new Map<string, readonly Device[]>();
  private readonly keys = new Map<string, Place>();
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
    for (const device of devices) {
      if (isOf(device, since) && isRemembered(device, now, this.memory)) ids.push(device.id);
    }
    return ids;
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
    const key = deviceKey(account, device);
    const known = this.find(account, device);
    if (known === undefined) return;
    const noted = { ...deviceToRecord(account, known), ...learned };
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
    const known = (this.byAccount.get(account) ?? none).filter((device) => isOf(device, since));
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
    for (const [key, { account, device }] of this.keys) {
      const known = this.find(account, device);
      if (known !== undefined && !isRemembered(known, now, this.memory * 2)) await this.bucket.delete(key);
    }
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }

  private sinceOf(account: string): number {
    return this.accounts.find(account)?.createdAt ?? 0;
  }

  private find(account: string, id: string): Device | undefined {
    return this.byAccount.get(account)?.find((device) => device.id === id);
  }

  private keep(key: string, record: edge.DeviceRecord): void {
    this.forget(key);
    const { account } = record;
    const device = deviceFromRecord(record);
    this.count(device, 1);
    this.keys.set(key, { account, device: device.id });
    this.byAccount.set(account, [...(this.byAccount.get(account) ?? none), device]);
  }

  private forget(key: string): void {
    const place = this.keys.get(key);
    const gone = place && this.find(place.account, place.device);
    if (place === undefined || gone === undefined) return;
    this.count(gone, -1);
    this.keys.delete(key);
    const left = (this.byAccount.get(place.account) ?? none).filter((device) => device !== gone);
    if (left.length > 0) this.byAccount.set(place.account, left);
    else this.byAccount.delete(place.account);
  }

  private count({ plainOnly, noComposing }: Device, by: 1 | -1): void {
    if (plainOnly) this.plainOnly += by;
    if (noComposing) this.noComposing += by;
  }
}

function isOf({ accountSince }: Device, since: number): boolean {
  return accountSince === 0 || accountSince >= since;
}
