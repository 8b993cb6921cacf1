import type { history } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { historyItem } from '../../src/adapters/history-item.ts';

const entry: history.HistoryEntry = {
  ...{ messageId: 'm1', from: 'sip:alice@localhost', nickname: 'Wonder', at: 0, contentType: 'text/plain' },
  ...{ head: new Uint8Array(), content: new Uint8Array(), object: '', size: 0 },
};
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('An item of the history of a room', () => {
  it('shows text as text, and everything else in base64', () => {
    expect(historyItem(entry, octets('hello'))).toMatchObject({ text: 'hello', replaced: false, recalled: false });
    expect(historyItem({ ...entry, contentType: 'image/png' }, octets('hello'))).toMatchObject({ base64: 'aGVsbG8=' });
  });

  it('says of the newest text that it was replaced, and of what was recalled that there is none', () => {
    expect(historyItem({ ...entry, replaced: true }, octets('new'))).toMatchObject({ text: 'new', replaced: true });
    expect(historyItem({ ...entry, recalled: true }, octets(''))).toMatchObject({ text: '', recalled: true });
  });
});
