import type { Target } from '../registrar/targets.ts';
import { byPreference } from '../registrar/targets.ts';

/**
 * Targets in the order in which they are tried: those of a group at a time, the groups one after another.
 *
 * @param breadth - most targets that may be tried at a time, 1 or more; larger groups are cut. @spec RFC 5393 §5.3.3
 * @spec RFC 3261 §16.6 (a target set may be tried in any order, q says which)
 */
export function targetGroups(targets: readonly Target[], breadth: number): readonly (readonly Target[])[] {
  return byPreference(targets).flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / breadth) }, (_, i) => group.slice(i * breadth, (i + 1) * breadth)),
  );
}
