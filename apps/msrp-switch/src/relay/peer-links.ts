import { instanceSubject, media, rpc } from '@parley/contracts';
import type { Cancel, Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import { PeerLink } from './peer-link.ts';
import type { RelayParts } from './relay-parts.ts';

/** Milliseconds between probes of the switches that share rooms with this one. */
const pulse = 2000;

/** Milliseconds that a living switch never needs to answer one. */
const probePatience = 1000;

/** Probes in a row without an answer after which a switch counts as gone; one may fall into a reconnect. */
const mostMissed = 2;

/** The links to the switches that share rooms with this one, for as long as they live and share any. */
export class PeerLinks {
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly parts: Pick<RelayParts, 'bus' | 'instance' | 'flusher' | 'board'>;
  private readonly lost: (instance: string) => void;
  private readonly links = new Map<string, PeerLink>();

  /** @param lost - hears of one that is gone */
  constructor(
    { clock, random }: { readonly clock: Clock; readonly random: Random },
    parts: Pick<RelayParts, 'bus' | 'instance' | 'flusher' | 'board'>,
    lost: (instance: string) => void,
  ) {
    this.clock = clock;
    this.random = random;
    this.parts = parts;
    this.lost = lost;
  }

  /** The switches that share rooms with this one. */
  get instances(): readonly string[] {
    return [...this.links.keys()];
  }

  /** The link to a switch, which begins with the first word. */
  to(instance: string): PeerLink {
    const known = this.links.get(instance);
    if (known !== undefined) return known;
    const { bus, instance: from, flusher } = this.parts;
    const subject = instanceSubject('msrp-switch', instance, 'media');
    const link = new PeerLink(instance, flusher, (batch) => {
      bus.publish(subject, media.MediaBatch, { ...batch, from });
    });
    this.links.set(instance, link);
    return link;
  }

  drop(instance: string): void {
    this.links.delete(instance);
  }

  /** Feels the pulse of the others from now on: one that dies says nothing, and is known to be gone soon after. */
  watch(): Cancel {
    const again = (): void => {
      for (const link of this.links.values()) {
        link.pulse();
        void this.feel(link);
      }
      cancel = this.clock.after(pulse, again);
    };
    let cancel = this.clock.after(pulse, again);
    return () => {
      cancel();
    };
  }

  private async feel(link: PeerLink): Promise<void> {
    const { instance } = link;
    if (!this.parts.board.allHubs().some(({ peers }) => peers.has(instance))) {
      this.links.delete(instance);
      return;
    }
    const question = { commandId: randomToken(this.random, 16), room: '', command: undefined };
    const subject = instanceSubject('msrp-switch', instance, 'sessions');
    const reply = await this.parts.bus.request(subject, rpc.sessions, question, {
      deadline: this.clock.now() + probePatience,
    });
    const isMissed = !reply.ok && (reply.error.reason === 'no-responder' || reply.error.reason === 'timeout');
    link.missed = isMissed ? link.missed + 1 : 0;
    if (link.missed >= mostMissed) this.lost(instance);
  }
}
