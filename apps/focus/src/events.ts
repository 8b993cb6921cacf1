import type { SipRefusal } from './sip/sip-refusal.ts';
import type { FocusLoggers } from './logger.ts';
import type { Room } from './room/room.ts';
import type { RosterChange } from './room/roster.ts';
import type { Telemetry } from './telemetry.ts';

/** What happens in a focus, one function each. */
export interface FocusEvents {
  /** A room was read from the store, or written to it. */
  roomHeld(uri: string, room: Room | undefined): void;
  /** Shards left this instance, with the rooms that match. */
  roomsReleased(matches: (uri: string) => boolean): void;
  rosterChanged(uri: string, news: RosterChange): void;
  inviteRefused(uri: string, refusal: SipRefusal): void;
  switchGone(instance: string, rooms: number): void;
  callFailed(uri: string, status: number): void;
  accountRemoved(rooms: number): void;
  effectFailed(uri: string, effect: string): void;
}

/** Reports to metrics and log; identifiers go to the log alone. */
export function focusEvents(telemetry: Telemetry, log: FocusLoggers): FocusEvents {
  return {
    roomHeld(uri, room) {
      if (room === undefined) telemetry.roomGone(uri);
      else telemetry.roomSize(uri, room.participants.size);
    },
    roomsReleased(matches) {
      telemetry.roomsGone(matches);
    },
    rosterChanged(room, { version, joined, left, deleted }) {
      for (const _ of joined) telemetry.joined();
      telemetry.left(left.length);
      const ids = joined.map(({ id }) => id);
      log.room.debug({ room, version, joined: ids, left, deleted }, 'roster changed');
    },
    inviteRefused(room, { status, message }) {
      telemetry.refused(status);
      log.room.info({ room, status, reason: message }, 'INVITE refused');
    },
    switchGone(instance, rooms) {
      log.switch.warn({ switch: instance, rooms }, 'switch is gone: its participants are moved');
    },
    callFailed(room, status) {
      log.room.info({ room, status }, 'nobody took the call into the room');
    },
    accountRemoved(rooms) {
      log.room.info({ rooms }, 'an account is gone: its devices are taken out');
    },
    effectFailed(room, effect) {
      log.room.warn({ room, effect }, 'nobody carried it out');
    },
  };
}
