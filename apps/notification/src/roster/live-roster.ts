import type { Roster, RosterChange, RosterParticipant } from './roster.ts';
import { looksAlike } from './roster.ts';

/** What a change made of a roster: something, nothing, its end, or a question, as something was missed. */
export type Taken = 'taken' | 'same' | 'gone' | 'ask';

/** A roster that is kept up to date in place, since in a large room one of thousands changes at a time. */
export class LiveRoster {
  private latest: Roster;
  private participants: Map<string, RosterParticipant>;
  /** Whether nothing changed since somebody was given the latest. */
  private isShared = true;

  constructor(roster: Roster) {
    this.latest = roster;
    this.participants = new Map(roster.participants);
  }

  get version(): number {
    return this.latest.version;
  }

  /** Takes a change in. One that names nobody says only that there is something to be looked at. */
  take({ version, joined, changed, left, deleted }: RosterChange): Taken {
    if (version <= this.version) return 'same';
    if (deleted) return 'gone';
    const isEmpty = joined.length + changed.length + left.length === 0;
    if (isEmpty || version !== this.version + 1) return 'ask';
    for (const participant of joined) this.participants.set(participant.id, participant);
    for (const participant of changed) this.participants.set(participant.id, participant);
    for (const id of left) this.participants.delete(id);
    this.latest = { ...this.latest, version };
    this.isShared = false;
    return 'taken';
  }

  /** Takes what the focus shows; participants that have not changed stay the same objects. */
  replace(roster: Roster): void {
    const kept = [...roster.participants].map(([id, shown]) => {
      const known = this.participants.get(id);
      return [id, known !== undefined && looksAlike(known, shown) ? known : shown] as const;
    });
    this.latest = roster;
    this.participants = new Map(kept);
    this.isShared = false;
  }

  /** The roster as it is now; the same until it changes. */
  snapshot(): Roster {
    if (!this.isShared) {
      this.latest = { ...this.latest, participants: new Map(this.participants) };
      this.isShared = true;
    }
    return this.latest;
  }
}
