import type { history } from '@parley/contracts';
import { timestamp } from './time.ts';

/** Something that was said in a room, as the API shows it. */
export type HistoryItem = {
  readonly messageId: string;
  readonly from: string;
  /** Empty: none. */
  readonly nickname: string;
  readonly at: string;
  readonly contentType: string;
  readonly replaced: boolean;
  readonly recalled: boolean;
} & ({ readonly text: string } | { readonly base64: string });

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Shows an entry: text as text, everything else as it is; of what was recalled that there was something. */
export function historyItem(
  { messageId, from, nickname, at, contentType, replaced = false, recalled = false }: history.HistoryEntry,
  content: Uint8Array,
): HistoryItem {
  const said = { messageId, from, nickname, at: timestamp(at), contentType };
  const text = /^text\//i.test(contentType) ? decoded(content) : undefined;
  const body = text === undefined ? { base64: Buffer.from(content).toString('base64') } : { text };
  return { ...said, ...body, replaced, recalled };
}

function decoded(content: Uint8Array): string | undefined {
  try {
    return utf8.decode(content);
  } catch {
    return undefined;
  }
}
