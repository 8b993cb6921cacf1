import { describe, expect, it } from 'vitest';
import { emptyRoster } from '@parley/ua';
import type { ChatMessage } from '@parley/ua';
import { chatText } from '../../src/cli/output/chat-text.ts';
import { roomText } from '../../src/cli/output/room-text.ts';
import { traceText } from '../../src/cli/output/trace-text.ts';
import { table } from '../../src/cli/output/table.ts';
import { mailboxText } from '../../src/cli/output/user-text.ts';

describe('tables', () => {
  it('line up, whatever script a name is in', () => {
    const text = table(
      ['NAME', 'TEL'],
      [
        ['Ñandú', '1'],
        ['e\u0301', '2'],
      ],
    );
    expect(text).toBe('NAME   TEL\nÑandú  1\ne\u0301      2\n');
  });

  it('let no stranger write to the terminal by escape sequences', () => {
    const text = table(['NICKNAME'], [['\u001b[2Jmallory\u202e\n']]);
    expect(text).toBe('NICKNAME\n\u{FFFD}[2Jmallory\u{FFFD}\u{FFFD}\n');
  });
});

describe('what is said in a room', () => {
  const lobby = 'sip:lobby@chat.example';
  const cook = { uri: 'sip:alice@example', nickname: 'Cook', displayText: undefined, roles: [] };
  const roster = { ...emptyRoster, participants: new Map([[cook.uri, cook]]) };
  const said = (from: ChatMessage['from'], text: string): ChatMessage => {
    const body = Buffer.from(text);
    const head = { headers: [] };
    return { from, to: [{ uri: lobby }], dateTime: undefined, contentType: 'text/plain', body, text, head };
  };

  it('is shown with the nickname that the room granted, and nobody passes for another by a name of his own', () => {
    const text = chatText(false);
    expect(text.message(said({ uri: cook.uri, formalName: 'Alice' }, 'Dinner'), { uri: lobby, roster })).toBe(
      'Cook: Dinner\n',
    );
    expect(text.message(said({ uri: 'sip:mallory@example', formalName: 'Cook' }, 'None'), { uri: lobby, roster })).toBe(
      'sip:mallory@example: None\n',
    );
  });

  it('obeys no escape sequence, as JSON neither', () => {
    const text = 'a\u001b[2J\u009b2J\u202eb\r\nc';
    const shown = chatText(false).message(said({ uri: cook.uri }, text), { uri: lobby, roster });
    expect(shown).toBe('Cook: a\u{FFFD}[2J\u{FFFD}2J\u{FFFD}b\n  c\n');
    const json = chatText(true).message(said({ uri: cook.uri }, text), { uri: lobby, roster });
    expect(json.trimEnd()).toMatch(/^[ -~]+$/);
    expect(JSON.parse(json)).toMatchObject({ from: cook.uri, text });
  });
});

describe('what became of a message, for people', () => {
  it('names its recipients, and each step with its device', () => {
    const at = '2026-11-21T20:00:00.000Z';
    const text = traceText({
      ...{
        id: 'm1',
        messageId: 'm1',
        callId: 'c1',
        cseq: 1,
        from: 'sip:a@b',
        to: 'sip:c@d',
        acceptedAt: at,
        done: true,
      },
      recipients: [{ uri: 'sip:c@d', outcome: 'delivered', status: 200, reason: 'OK' }],
      steps: [
        { at, step: 'stored', recipient: 'sip:c@d', devices: ['', '<urn:x>'], status: 0, reason: '' },
        { at, step: 'displayed', recipient: 'sip:c@d', devices: [], status: 0, reason: 'displayed' },
      ],
    });
    expect(text).toContain('call      c1;1\n');
    expect(text).toMatch(/^sip:c@d +delivered +200 OK$/m);
    expect(text).toMatch(/^2026-11-21T20:00:00.000Z +stored +sip:c@d +\(any\), <urn:x>$/m);
  });
});

describe('a mailbox for people', () => {
  it('says what waits for devices that are away', () => {
    const oldest = '2026-11-21T20:00:00.000Z';
    expect(mailboxText({ waiting: 2, octets: 900, oldest })).toContain(
      `2 messages wait, 900 octets, the oldest since ${oldest}`,
    );
    expect(mailboxText({ waiting: 1, octets: 400, oldest: null })).toContain('1 message waits, 400 octets');
    expect(mailboxText({ waiting: 0, octets: 0, oldest: null })).toBe('nothing waits\n');
  });
});

describe('a room for people', () => {
  it('keeps its password off the screen', () => {
    const policy = { password: 'swordfish', members: ['sip:a@b', 'sip:c@d'], history: 100 };
    const text = roomText({ name: 'lobby', uri: 'sip:lobby@chat.localhost', policy, participants: [] });
    expect(text).not.toContain('swordfish');
    expect(text).toContain('password  (set)\n');
    expect(text).toContain('members   sip:a@b, sip:c@d\n');
    expect(text).toContain('nobody is in it\n');
  });
});
