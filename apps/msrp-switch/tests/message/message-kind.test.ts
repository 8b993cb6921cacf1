import { unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { describe, expect, it } from 'vitest';
import { readMessageHead } from '../../src/message/message-head.ts';

function kindOf(wrapped: string, headers = ''): string {
  const text = `From: <sip:a@b>\r\nTo: <sip:c@d>\r\n${headers}\r\n${wrapped}\r\n\r\n`;
  const head = unwrap(readMessageHead(Buffer.from(text), 8192, nodeBytes));
  return head.complete ? head.value.kind.kind : 'incomplete';
}

const replaces = 'NS: replace <urn:parley:params:cpim:replace>\r\nreplace.Message-ID: m1\r\n';

describe('What a message is to the switch', () => {
  it.each([
    ['Content-Type: text/plain', '', 'said'],
    ['Content-Type: not a type', '', 'said'],
    ['Content-Type: application/im-iscomposing+xml;charset=utf-8', '', 'indicator'],
    ['Content-Type: Message/IMDN+XML', '', 'notification'],
    ['Content-Type: multipart/mixed;boundary=x\r\nContent-Disposition: Notification', '', 'notification'],
    ['Content-Type: text/plain', replaces, 'amendment'],
    ['Content-Type: message/imdn+xml', replaces, 'notification'],
    ['Content-Type: application/im-iscomposing+xml', replaces, 'indicator'],
  ])('%j %j is %s', (wrapped, headers, kind) => {
    expect(kindOf(wrapped, headers)).toBe(kind);
  });
});
