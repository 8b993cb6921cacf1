import type { Random } from '@parley/prelude';
import type { SrvRecord } from './dns-port.ts';

/** A number in [0, bound], each as likely as the next. */
function upTo(bound: number, random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  const fraction = (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 0x1_0000_0000;
  return Math.floor(fraction * (bound + 1));
}

/** Takes one record out of `left`, likelier the heavier it is. */
function draw(left: SrvRecord[], random: Random): SrvRecord[] {
  const total = left.reduce((sum, record) => sum + record.weight, 0);
  const mark = upTo(total, random);
  let running = 0;
  const at = left.findIndex((record) => (running += record.weight) >= mark);
  return left.splice(Math.max(at, 0), 1);
}

/** Records of one priority; those of weight 0 stand first, so that they keep their very small chance. */
function byWeight(group: readonly SrvRecord[], random: Random): SrvRecord[] {
  const left = [...group].sort((a, b) => a.weight - b.weight);
  const ordered: SrvRecord[] = [];
  while (left.length > 1) ordered.push(...draw(left, random));
  return [...ordered, ...left];
}

/** The order in which to try SRV targets: by priority, at random by weight within one. @spec RFC 2782 (Usage rules) */
export function orderSrv(records: readonly SrvRecord[], random: Random): SrvRecord[] {
  const priorities = [...new Set(records.map((record) => record.priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    byWeight(
      records.filter((record) => record.priority === priority),
      random,
    ),
  );
}
