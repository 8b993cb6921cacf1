import type { Finding } from '../doctor/finding.ts';
import { printable } from '../terminal/printable.ts';

const signs: Readonly<Record<Finding['state'], string>> = { ok: 'ok  ', note: 'note', problem: 'FAIL' };

/** What was found, one check a line, with what to do below. */
export function doctorText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ check, state, found, advice }) => [
    `${signs[state]}  ${check.padEnd(11)}  ${printable(found)}`,
    ...(advice === '' ? [] : [`${' '.repeat(19)}${printable(advice)}`]),
  ]);
  return `${lines.join('\n')}\n`;
}
