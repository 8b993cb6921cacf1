import { hash } from 'node:crypto';
import type { Random } from '@parley/prelude';
import { parseSipMessage, serialise } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import type { DigestHash, Flow, FlowObserver } from '@parley/sip-stack';
import { seededRandom, SimulatedClock } from '@parley/testing';
import { createUserAgent } from '../src/index.ts';
import type { UserAgent, UserAgentOptions } from '../src/index.ts';

const digestHash: DigestHash = { md5: (text) => hash('md5', text), sha256: (text) => hash('sha256', text) };

/** One end of a wire on which messages travel as octets and take a millisecond. */
class WireEnd implements Flow {
  readonly protocol = 'TCP';
  readonly reliable = true;
  readonly peerNames: readonly string[] = [];
  readonly sent: SipMessage[] = [];
  readonly id: string;
  readonly local;
  readonly remote;
  open = true;
  observer: FlowObserver | undefined;
  far: WireEnd | undefined;
  readonly #clock: SimulatedClock;

  constructor(name: string, clock: SimulatedClock, local: number, remote: number) {
    this.id = name;
    this.#clock = clock;
    this.local = { address: '192.0.2.1', port: local };
    this.remote = { address: '192.0.2.1', port: remote };
  }

  send(message: SipMessage): void {
    this.sent.push(message);
    const octets = serialise(message);
    this.#clock.after(1, () => {
      const parsed = parseSipMessage(octets);
      if (parsed.ok && this.far?.open === true) this.far.observer?.onMessage(parsed.value, this.far);
    });
  }

  close(): void {
    for (const end of [this, this.far]) {
      if (end?.open !== true) continue;
      end.open = false;
      end.observer?.onClosed(end, undefined);
    }
  }
}

/** Two agents on one wire, alice and bob, and the clock they live by. */
export interface Scene {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly alice: UserAgent;
  readonly bob: UserAgent;
  /** What alice sent, on every wire. */
  readonly sentByAlice: () => SipMessage[];
  /** What bob sent, on every wire. */
  readonly sentByBob: () => SipMessage[];
  /** Cuts the wire; the next message needs a new one. */
  readonly cut: () => void;
  /** Lets time pass until the promise settles, a minute at most. */
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
}

/** Sets the scene. */
export function scene(alice: Partial<UserAgentOptions> = {}, bob: Partial<UserAgentOptions> = {}): Scene {
  const clock = new SimulatedClock();
  const random = seededRandom(7);
  const wires: [WireEnd, WireEnd][] = [];
  const wire = (): [WireEnd, WireEnd] => {
    const last = wires.at(-1);
    if (last?.[0].open === true) return last;
    const ends: [WireEnd, WireEnd] = [new WireEnd('left', clock, 1111, 2222), new WireEnd('right', clock, 2222, 1111)];
    [ends[0].far, ends[1].far] = [ends[1], ends[0]];
    ends[1].observer = wires.at(-1)?.[1].observer;
    wires.push(ends);
    return ends;
  };
  const agentAt = (side: 0 | 1, aor: string, more: Partial<UserAgentOptions>): UserAgent =>
    createUserAgent({
      aor,
      clock,
      random,
      hash: digestHash,
      openFlow: (observer) => {
        const end = wire()[side];
        end.observer = observer;
        return end;
      },
      ...more,
    });
  const agents = { alice: agentAt(0, 'sip:alice@example.com', alice), bob: agentAt(1, 'sip:bob@example.com', bob) };
  agents.bob.core.open();
  return {
    clock,
    random,
    ...agents,
    sentByAlice: () => wires.flatMap(([left]) => left.sent),
    sentByBob: () => wires.flatMap(([, right]) => right.sent),
    cut: () => wires.at(-1)?.[0].close(),
    settle: (promise) => settleIn(clock, promise),
  };
}

async function settleIn<T>(clock: SimulatedClock, promise: Promise<T>): Promise<T> {
  const state = { settled: false };
  const note = (): void => {
    state.settled = true;
  };
  promise.then(note, note);
  for (let steps = 0; steps < 600 && !state.settled; steps++) await clock.run(100);
  return promise;
}
