import type { Participant } from './participant.ts';
import type { MapIndex } from './version-map.ts';

/** Who has something in common, under the name of it. */
class Sharing {
  private readonly ids = new Map<string, string | Set<string>>();

  names(): Iterable<string> {
    return this.ids.keys();
  }

  of(name: string): Iterable<string> {
    const ids = this.ids.get(name) ?? [];
    return typeof ids === 'string' ? [ids] : ids;
  }

  move(id: string, from: string | undefined, to: string | undefined): void {
    if (from === to) return;
    if (from !== undefined) this.leave(id, from);
    if (to === undefined) return;
    const sharing = this.ids.get(to);
    if (sharing === undefined) this.ids.set(to, id);
    else if (typeof sharing !== 'string') sharing.add(id);
    else if (sharing !== id) this.ids.set(to, new Set([sharing, id]));
  }

  private leave(id: string, name: string): void {
    const sharing = this.ids.get(name);
    const isLast = typeof sharing === 'string' ? sharing === id : sharing?.delete(id) && sharing.size === 0;
    if (isLast === true) this.ids.delete(name);
  }
}

/** Finds participants of a room by what is asked of it with every join. */
export class ParticipantIndex implements MapIndex<Participant> {
  /** Of whom a user has which devices. */
  readonly byIdentity = new Sharing();
  /** By the command that brought it in. */
  readonly byCommand = new Sharing();
  /** By Call-ID, of its own dialog and of that with a media server. */
  readonly byCall = new Sharing();
  /** By switches, in the order in which the room came to them. */
  readonly bySwitch = new Sharing();
  /** For whom there is a time to come. */
  readonly timed = new Set<string>();

  change(id: string, before: Participant | undefined, after: Participant | undefined): void {
    this.byIdentity.move(id, before?.identity, after?.identity);
    this.byCommand.move(id, before?.joinCommand, after?.joinCommand);
    this.byCall.move(id, before?.dialog.callId, after?.dialog.callId);
    this.byCall.move(id, before?.leg?.dialog.callId, after?.leg?.dialog.callId);
    const [left, used] = [switchesOf(before), switchesOf(after)];
    for (const name of used) this.bySwitch.move(id, undefined, name);
    for (const name of left) if (!used.has(name)) this.bySwitch.move(id, name, undefined);
    if (after !== undefined && (after.timer !== undefined || after.media.kind.connectBy(after.media) !== undefined))
      this.timed.add(id);
    else this.timed.delete(id);
  }
}

function switchesOf(participant: Participant | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  participant?.media.kind.eachSwitch(participant.media, (name) => names.add(name));
  return names;
}
