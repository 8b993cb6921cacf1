import type { Command } from 'commander';
import * as v from 'valibot';
import { historyItem, page } from '../api/views.ts';
import type { HistoryItem } from '../api/views.ts';
import { usageError } from '../exit-code.ts';
import { historyText } from '../output/history-text.ts';
import { addCommand, asJson } from './command.ts';
import type { Surroundings } from './surroundings.ts';

/** Messages that one answer of the API holds at most. */
const pageSize = 500;

interface HistoryOptions {
  readonly json?: true;
  readonly limit: string;
}

/** Adds `parley history`. */
export function addHistoryCommand(program: Command, { terminal, api }: Surroundings): void {
  addCommand(program, {
    usage: 'history <room>',
    description: 'show what was said in a room, oldest first',
    example: 'history lobby --limit 20',
  })
    .option('--limit <n>', 'messages, counted from the newest', '50')
    .action(async (room: string, { json, limit }: HistoryOptions) => {
      const wanted = Number(limit);
      if (!/^\d{1,9}$/.test(limit) || wanted < 1) throw usageError(`--limit ${limit}: expected a whole number above 0`);
      const path = `/rooms/${encodeURIComponent(room)}/history`;
      let items: HistoryItem[] = [];
      let before: string | null = '';
      while (before !== null && items.length < wanted) {
        const query = new URLSearchParams({ limit: String(Math.min(pageSize, wanted - items.length)), before });
        const part: v.InferOutput<typeof page> = await api().read(page, {
          method: 'GET',
          path: `${path}?${query.toString()}`,
        });
        items = [...part.items.map((item) => v.parse(historyItem, item)), ...items];
        before = part.next;
      }
      terminal.write(json ? asJson({ items, next: before }) : historyText(items));
    });
}
