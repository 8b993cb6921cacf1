/** One way to do a job. */
export interface Contestant {
  readonly name: string;
  /** Does the job once and returns how many operations (or octets) that was. */
  readonly run: () => number;
}

/** Operations per second over at least `milliseconds`. */
function rate(contestant: Contestant, milliseconds: number): number {
  const start = performance.now();
  let operations = 0;
  let elapsed = 0;
  do {
    operations += contestant.run();
    elapsed = performance.now() - start;
  } while (elapsed < milliseconds);
  return (operations / elapsed) * 1000;
}

/** Median of five alternating runs of each, so that a noisy neighbour hits both. */
function medians(contestants: readonly Contestant[]): readonly number[] {
  for (const contestant of contestants) rate(contestant, 200);
  const rounds = [1, 2, 3, 4, 5].map(() => contestants.map((contestant) => rate(contestant, 120)));
  return contestants.map((_, i) => rounds.map((round) => round[i] ?? 0).sort((a, b) => a - b)[2] ?? 0);
}

/** Prints the rate of each contestant and its ratio to the last one, the baseline. */
export function compare(title: string, unit: string, scale: number, contestants: readonly Contestant[]): void {
  const rates = medians(contestants);
  const baseline = rates.at(-1) ?? 1;
  console.log(title);
  contestants.forEach(({ name }, i) => {
    const value = rates[i] ?? 0;
    const ratio = (value / baseline).toFixed(2).padStart(7);
    console.log(`  ${name.padEnd(44)} ${(value / scale).toFixed(1).padStart(10)} ${unit}  ${ratio}x`);
  });
}
