import { nodeBytes } from '@parley/service';
import { createSipFramer, parseSipMessage } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import { stampSource } from '@parley/sip-stack';
import { Dice, heapOctets, SimulatedClock } from '@parley/testing';
import type { EdgeCore } from '../../src/edge-core.ts';
import { startInnerEdge } from '../inner-edge.ts';
import type { InnerEdge } from '../inner-edge.ts';
import { SimulatedFlow } from '../simulated-flow.ts';
import { mutate } from './mutate.ts';
import { freshRequest, freshResponse, tortureSeeds } from './seeds.ts';

/** What a run found. */
export interface FuzzReport {
  readonly inputs: number;
  /** Inputs that were at least one message. */
  readonly messages: number;
  /** What the edge sent, answers and requests. */
  readonly sent: number;
  /** Bugs: what was thrown, by an edge that goes on, or past it. */
  readonly faults: readonly string[];
  /** The most transactions, or requests of the core, that were left when every timer had run out. */
  readonly stuck: number;
  /** Octets of heap at the end above those after a tenth of the run. */
  readonly grown: number;
}

/** Inputs between two looks at what is left over. */
const perLook = 10_000;
/** Milliseconds after which nothing may be under way: Timer C, and Timers B and H behind it. @spec RFC 3261 §16.6 (11) */
const untilQuiet = 300_000;
const mostUnanswered = 500;

/**
 * Hands mutated messages to a whole edge, over datagrams and cut streams, and mutated answers to what it sends. Time is
 * simulated, so that every transaction comes to its end.
 *
 * @param tell - hears of progress
 */
export async function fuzzCore(inputs: number, seed: number, tell: (text: string) => void): Promise<FuzzReport> {
  const clock = new SimulatedClock();
  await using edge = await startInnerEdge({ PARLEY_AUTH: 'none', PARLEY_DNS: '127.0.0.1:9' }, clock);
  const fuzzer = new CoreFuzzer(edge, new Dice(seed));
  let stuck = 0;
  let heapBefore = Infinity;
  for (let done = 0; done < inputs;) {
    const end = Math.min(inputs, done + perLook);
    for (; done < end; done++) fuzzer.feed();
    fuzzer.forget();
    stuck = Math.max(stuck, await leftOver(edge, clock));
    if (heapBefore === Infinity && done >= inputs / 10) heapBefore = heapOctets();
    if (done % (perLook * 10) === 0) tell(`${done} inputs, ${fuzzer.faults.length} faults, ${stuck} stuck`);
  }
  const { messages, sent, faults } = fuzzer;
  return { inputs, messages, sent, faults: [...faults, ...edge.errors], stuck, grown: heapOctets() - heapBefore };
}

/** Requests and transactions that no timer ends. What waits for the resolver is in another time, and gets some of it. */
async function leftOver(edge: InnerEdge, clock: SimulatedClock): Promise<number> {
  let left = 0;
  for (let tries = 0; tries < 5; tries++) {
    await clock.run(untilQuiet);
    left = Math.max(edge.service.core.busy(), await transactionsOf(edge));
    if (left === 0) return 0;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return left;
}

async function transactionsOf({ metrics }: InnerEdge): Promise<number> {
  const gauge = await metrics.registry.getSingleMetric('parley_sip_transactions')?.get();
  return (gauge?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}

class CoreFuzzer {
  messages = 0;
  sent = 0;
  readonly faults: string[] = [];
  private readonly core: EdgeCore;
  private readonly dice: Dice;
  private readonly seeds = tortureSeeds();
  private readonly flows: [SimulatedFlow, ...SimulatedFlow[]];
  private unanswered: Buffer[] = [];

  constructor({ service }: InnerEdge, dice: Dice) {
    this.core = service.core;
    this.dice = dice;
    const receive = (octets: Buffer, message: SipMessage): void => {
      this.sent++;
      if (message.kind === 'request' && this.unanswered.length < mostUnanswered) this.unanswered.push(octets);
    };
    this.flows = [new SimulatedFlow('one', 40_001, receive), new SimulatedFlow('two', 40_002, receive)];
  }

  /** One input. */
  feed(): void {
    const octets = this.make();
    try {
      for (const message of this.read(octets)) this.arrive(message);
    } catch (error) {
      this.faults.push(`${String(error)} at ${octets.toString('latin1')}`);
    }
  }

  /** Answers that were not given will not come. */
  forget(): void {
    this.unanswered = [];
  }

  private make(): Buffer {
    const { dice } = this;
    const asked = dice.percent(30) ? this.unanswered.pop() : undefined;
    const other = dice.pick(this.seeds);
    if (asked !== undefined) return mutate(freshResponse(asked, dice), dice.pick([0, 0, 1, 2]), dice, other);
    return dice.percent(60)
      ? mutate(freshRequest(dice), dice.pick([0, 1, 1, 2, 4]), dice, other)
      : mutate(dice.pick(this.seeds), 1 + dice.upTo(4), dice, freshRequest(dice));
  }

  private read(octets: Buffer): readonly SipMessage[] {
    if (this.dice.percent(50)) {
      const parsed = parseSipMessage(octets, { codec: nodeBytes });
      return parsed.ok ? [parsed.value] : [];
    }
    const framer = createSipFramer({ codec: nodeBytes });
    const at = this.dice.upTo(octets.length + 1);
    const events = [...framer.push(octets.subarray(0, at)), ...framer.push(octets.subarray(at))];
    return events.flatMap((event) => (event.kind === 'message' ? [event.message] : []));
  }

  private arrive(message: SipMessage): void {
    const flow = this.dice.pick(this.flows);
    this.messages++;
    this.core.observer.onMessage(message.kind === 'request' ? stampSource(message, flow.remote) : message, flow);
  }
}
