import type { Room } from '../room/room.ts';

/** The rooms of this instance that somebody is in, asleep or not. */
export class HeldRooms {
  private readonly uris = new Set<string>();

  /** A room was read from the store, or written to it. */
  note(uri: string, room: Room | undefined): void {
    if (room === undefined || room.participants.size === 0) this.uris.delete(uri);
    else this.uris.add(uri);
  }

  /** Shards went to another instance, with the rooms that match. */
  forget(matches: (uri: string) => boolean): void {
    for (const uri of this.uris) if (matches(uri)) this.uris.delete(uri);
  }

  all(): readonly string[] {
    return [...this.uris];
  }
}
