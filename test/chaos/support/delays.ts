import type { RawGuest } from '../../scenarios/support/raw-guest.ts';

let messages = 0;

/**
 * Has one member say `count` messages of 2000 octets to the room, each when another has heard the one before.
 *
 * @param head - the CPIM head of each, whose sender is `speaker`
 * @returns milliseconds from saying to hearing, from short to long
 */
export async function delays(
  speaker: RawGuest,
  hearer: RawGuest,
  head: string,
  count: number,
): Promise<readonly number[]> {
  const took: number[] = [];
  for (let i = 0; i < count; i++) {
    const id = `t${++messages}abc`;
    const heard = hearing(hearer, `end of ${id}`);
    const start = performance.now();
    speaker.send(
      `MSRP ${id} SEND\nMessage-ID: m${id}\nFailure-Report: no\nContent-Type: message/cpim\n\n` +
        `${head}${'x'.repeat(2000)} end of ${id} \n-------${id}$\n`,
    );
    await heard;
    took.push(performance.now() - start);
  }
  return took.sort((a, b) => a - b);
}

function hearing({ wire: { socket } }: RawGuest, words: string): Promise<void> {
  return new Promise((resolve) => {
    const listen = (text: string): void => {
      if (!text.includes(words)) return;
      socket.off('data', listen);
      resolve();
    };
    socket.on('data', listen);
  });
}

/** Of values from small to large, the one that so great a part does not exceed. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}
