import { Dice, heapOctets, SimulatedClock } from '@parley/testing';
import { defaultSwitchLimits } from '../../src/limits.ts';
import { House } from '../../tests/support/house.ts';
import { Participant } from './participant.ts';
import { freshRequests, names } from './seeds.ts';

/** What a run found. */
export interface FuzzReport {
  readonly inputs: number;
  /** Requests that the switch sent to participants. */
  readonly heard: number;
  /** Bugs: errors that the switch logged, exceptions, and what it sent that cannot be read. */
  readonly faults: readonly string[];
  /** The most sessions, connections and rooms that were left when all had gone and every timer had run out. */
  readonly stuck: number;
  /** Octets of heap at the end above those after a tenth of the run. */
  readonly grown: number;
}

/** Inputs between two looks at what is left over, and between two turns of the event loop. */
const perLook = 10_000;
const perTurn = 10;
/** Milliseconds after which nothing may be remembered. */
const untilQuiet = 3 * defaultSwitchLimits.chunkTime;

/**
 * Hands broken chunks, answers and reports to a whole switch, cut anywhere, and reads what it sends. Time is simulated.
 *
 * @param tell - hears of progress
 */
export async function fuzzSwitch(inputs: number, seed: number, tell: (text: string) => void): Promise<FuzzReport> {
  const clock = new SimulatedClock();
  const faults: string[] = [];
  const uncaught = (error: unknown): void => void faults.push(String(error));
  process.on('uncaughtException', uncaught);
  const house = await House.open({ clock, onError: (line) => faults.push(line) });
  house.serveNicknames();
  const dice = new Dice(seed);
  const people = names.map((name) => new Participant(house, name, dice));
  let [stuck, heapBefore] = [0, Infinity];
  for (let done = 0; done < inputs;) {
    const end = Math.min(inputs, done + perLook);
    for (; done < end; done += perTurn) await turn(people, dice);
    for (const person of people) person.leave();
    await clock.run(untilQuiet);
    house.told.length = 0;
    stuck = Math.max(stuck, await leftOver(house));
    if (heapBefore === Infinity && done >= inputs / 10) heapBefore = heapOctets();
    if (done % (perLook * 10) === 0) tell(`${done} inputs, ${faults.length} faults, ${stuck} stuck`);
  }
  await house[Symbol.asyncDispose]();
  process.off('uncaughtException', uncaught);
  const heard = people.reduce((sum, person) => sum + person.heard, 0);
  faults.push(...people.flatMap((person) => person.faults));
  return { inputs, heard, faults, stuck, grown: heapOctets() - heapBefore };
}

/** Some inputs of a turn of the event loop; most take what they are sent, and some not yet. */
async function turn(people: readonly Participant[], dice: Dice): Promise<void> {
  const nobody = { toPath: 'msrp://nowhere.invalid:1/x;tcp', fromPath: 'msrp://nowhere.invalid:2/y;tcp', session: '' };
  for (let i = 0; i < perTurn; i++) {
    const [other = Buffer.alloc(0)] = freshRequests(dice, 'eve', nobody);
    await people[dice.upTo(people.length)]?.speak(other);
  }
  await new Promise((resolve) => setImmediate(resolve));
  for (const person of people) if (dice.percent(80)) person.take();
}

async function leftOver(house: House): Promise<number> {
  const gauges = ['sessions{state="bound"', 'sessions{state="unbound"', 'hubs{', 'connections{'];
  const lines = await Promise.all(gauges.map((gauge) => house.metric(`parley_msrp_${gauge}`)));
  return lines.reduce((sum, line) => sum + Number(line?.split(' ').at(-1)), 0);
}
