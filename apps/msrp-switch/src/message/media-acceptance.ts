import type { MediaRange } from '@parley/mime';
import { isIndicator } from './message-kind.ts';
import { mediaEssence, parseMediaRange, parseMediaType, rangeIncludes } from '@parley/mime';

/** Which wrapped types a recipient takes; asks are remembered, since a room speaks few types. */
export class MediaAcceptance {
  private readonly ranges: readonly MediaRange[];
  private readonly verdicts = new Map<string, boolean>();

  /**
   * @param acceptTypes - `a=accept-types` of the recipient
   * @param wrappedTypes - its `a=accept-wrapped-types`; what it takes bare it also takes wrapped
   * @deviation one that names the wrapper and nothing in it takes everything, as it could receive nothing otherwise; but
   * no is-composing, to which REQ-COMP-2 wants its consent
   * @spec RFC 4975 §8.6
   */
  constructor(acceptTypes: readonly string[], wrappedTypes: readonly string[]) {
    const ranges = [...acceptTypes, ...wrappedTypes].flatMap((text) => {
      const range = parseMediaRange(text);
      return range.ok ? [range.value] : [];
    });
    this.ranges = ranges.filter((range) => mediaEssence(range) !== 'message/cpim');
  }

  /** Whether content of this type may be sent; undefined, which is not known, may. */
  takes(wrappedType: string | undefined): boolean {
    if (wrappedType === undefined) return true;
    if (this.ranges.length === 0) return !isIndicator(wrappedType);
    const known = this.verdicts.get(wrappedType);
    if (known !== undefined) return known;
    const type = parseMediaType(wrappedType);
    const verdict = !type.ok || this.ranges.some((range) => rangeIncludes(range, type.value));
    // A copy: what was cut out of a head would keep all of it in memory.
    if (this.verdicts.size < verdictsKept) this.verdicts.set(Buffer.from(wrappedType).toString(), verdict);
    return verdict;
  }
}

/** Types whose verdict is remembered: a sender can invent any number. */
const verdictsKept = 32;
