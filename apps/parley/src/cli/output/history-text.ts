import type { HistoryItem } from '../api/views.ts';
import { table } from './table.ts';

/** What was said, one message a line. */
export function historyText(items: readonly HistoryItem[]): string {
  if (items.length === 0) return 'nothing is kept\n';
  const rows = items.map((item) => [item.at, item.nickname === '' ? item.from : item.nickname, contentOf(item)]);
  return table(['AT', 'FROM', 'MESSAGE'], rows);
}

function contentOf({ text, base64, contentType, replaced, recalled }: HistoryItem): string {
  if (recalled) return '(recalled)';
  const content = text ?? `(${contentType}, ${octetsOf(base64 ?? '')} octets)`;
  return replaced ? `${content} (edited)` : content;
}

function octetsOf(base64: string): number {
  return Buffer.from(base64, 'base64').length;
}
