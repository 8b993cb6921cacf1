import type { history } from '@parley/contracts';
import { ok, randomToken } from '@parley/prelude';
import type { FurtherHearers, Heard } from '../actors/distributor.ts';
import type { IncomingChunk } from '../actors/incoming-chunk.ts';
import type { Surroundings } from '../actors/surroundings.ts';
import type { Forwarder } from '../hub/audience.ts';
import type { Hub } from '../hub/hub.ts';
import type { BoardListener } from '../hub/switchboard.ts';
import { isIndicator } from '../message/message-kind.ts';
import { objectName } from './history-store.ts';
import type { HistoryStore } from './history-store.ts';
import { keptHead } from './kept-message.ts';
import type { Said } from './kept-message.ts';
import { ObjectUpload } from './object-upload.ts';
import { Recording } from './recording.ts';
import { RoomLog } from './room-log.ts';
import type { Unwritten } from './room-log.ts';

/** Milliseconds that a message waits for others to be written with, while few rooms are busy. */
const pause = 20;

/** Milliseconds between writes of one room: a write costs the store more than what is in it. */
const rest = 100;

/** Rooms written at a time: bounds what writing costs, as the others gather more in the meantime. */
const roomsAtOnce = 4;

/** Milliseconds until a write that failed is tried again. */
const patience = 1000;

/** Octets of one batch, below the payload limit of NATS. */
const batchBytes = 768 * 1024;

/**
 * Keeps what is said to the room by those on this switch: beside the delivery, in batches. A switch that is killed loses what
 * it had for the last moment, and nothing that it wrote.
 */
export class HistoryDesk implements FurtherHearers, BoardListener {
  private readonly around: Surroundings;
  private readonly store: HistoryStore;
  /** Rooms with something to write, or written just now; longest waiting first. */
  private readonly logs = new Map<string, RoomLog>();
  private readonly writing = new Set<Promise<void>>();
  private isArmed = false;

  constructor(around: Surroundings, store: HistoryStore) {
    this.around = around;
    this.store = store;
  }

  hearers({ session, message }: IncomingChunk, heard: Heard, wrappedType: string | undefined): readonly Forwarder[] {
    const { hub } = session;
    if (heard.kind !== 'room' || hub.policy.history === 0) return [];
    if (wrappedType !== undefined && isIndicator(wrappedType)) return [];
    const said: Said = {
      messageId: message.id,
      nickname: session.nickname,
      senderOf: (from) => session.senderOf(from),
      at: Math.floor(this.around.clock.wallTime()),
    };
    const recording = new Recording(
      (recorded) => {
        this.note(hub, { said, recorded });
      },
      (front) => this.upload(hub.room, said, front),
    );
    return [recording];
  }

  added(): void {}

  removed(): void {}

  emptied({ room }: Hub): void {
    void this.written(room).then(() => {
      if (this.logs.get(room)?.isEmpty === false) return;
      this.logs.delete(room);
      this.store.close(room);
    });
  }

  /** Resolves when all that was said in a room before is written, or could not be; gives whether it is. */
  async written(room: string): Promise<boolean> {
    // What is being written may be only a part of it.
    if (this.logs.get(room)?.isWriting === true) await Promise.all(this.writing);
    const log = this.logs.get(room);
    if (log !== undefined && isDue(log)) this.begin(log);
    await Promise.all(this.writing);
    return this.logs.get(room)?.isFailing !== true;
  }

  /** Resolves when everything is written that can be. */
  async settled(): Promise<void> {
    await Promise.all(this.writing);
    for (const log of this.logs.values()) if (isDue(log)) this.begin(log);
    await Promise.all(this.writing);
  }

  /** A room is gone: what was said in it is not written any more. */
  drop(room: string): void {
    this.logs.get(room)?.take();
  }

  private note({ room, policy }: Hub, unwritten: Unwritten): void {
    const log = this.logs.get(room) ?? new RoomLog(room, policy.history);
    log.kept = policy.history;
    log.add(unwritten);
    this.logs.set(room, log);
    this.arm(pause);
  }

  private arm(after: number): void {
    if (this.isArmed) return;
    this.isArmed = true;
    this.around.clock.after(after, () => {
      this.isArmed = false;
      this.writeSome();
    });
  }

  private writeSome(): void {
    const now = this.around.clock.now();
    let free = roomsAtOnce - this.writing.size;
    for (const log of this.logs.values()) {
      if (free <= 0) break;
      if (log.isWriting || now < log.restsUntil) continue;
      if (log.isEmpty) this.logs.delete(log.room);
      else {
        this.begin(log);
        free--;
      }
    }
    if (this.logs.size > 0) this.arm(pause);
  }

  private begin(log: RoomLog): void {
    log.isWriting = true;
    log.restsUntil = this.around.clock.now() + rest;
    const written = this.write(log).finally(() => {
      log.isWriting = false;
      this.writing.delete(written);
      this.logs.delete(log.room);
      this.logs.set(log.room, log); // behind those who wait
    });
    this.writing.add(written);
  }

  private async write(log: RoomLog): Promise<void> {
    const some = log.take();
    let at = 0;
    while (at < some.length) {
      const { entries, end } = await this.batch(some, at);
      const stored = entries.length === 0 ? nothingStored : await this.store.append(log.room, entries, log.kept);
      log.isFailing = !stored.ok;
      if (!stored.ok) {
        this.around.events.historyFailed(log.room, stored.error.message);
        log.putBack(some.slice(at));
        await new Promise<void>((resolve) => this.around.clock.after(patience, resolve));
        return;
      }
      this.around.events.historyWritten(entries.length);
      at = end;
    }
  }

  /** As many entries from `at` on as one batch may hold. */
  private async batch(
    some: readonly Unwritten[],
    at: number,
  ): Promise<{ entries: history.HistoryEntry[]; end: number }> {
    const entries: history.HistoryEntry[] = [];
    let octets = 0;
    let end = at;
    for (const one of some.slice(at)) {
      octets += one.recorded.upload === undefined ? one.recorded.octets.length : 0;
      if (end > at && octets > batchBytes) break;
      const entry = await this.entryOf(one);
      if (entry !== undefined) entries.push(entry);
      end++;
    }
    return { entries, end };
  }

  private async entryOf({ said, recorded }: Unwritten): Promise<history.HistoryEntry | undefined> {
    const { octets, upload } = recorded;
    const head = keptHead(octets, said, this.around.codec);
    if (head === undefined) return undefined;
    if (upload === undefined) {
      const content = octets.subarray(head.end);
      return { ...head.entry, content, object: '', size: content.length };
    }
    const isKept = await upload.stored;
    return { ...head.entry, content: nothing, object: isKept ? upload.name : '', size: upload.size };
  }

  /** A message grows large: what comes of it goes to the object store from here on. */
  private upload(room: string, said: Said, front: Uint8Array): ObjectUpload | undefined {
    const head = keptHead(front, said, this.around.codec);
    if (head === undefined) return undefined;
    const upload = new ObjectUpload(objectName(room, randomToken(this.around.random, 16)));
    upload.add(front.subarray(head.end));
    upload.storeWith((pieces) => this.store.keep(upload.name, pieces));
    return upload;
  }
}

/** Whether there is something to write that nobody writes. */
function isDue({ isWriting, isEmpty }: RoomLog): boolean {
  return !isWriting && !isEmpty;
}

const nothing = new Uint8Array();

const nothingStored = ok(undefined);
