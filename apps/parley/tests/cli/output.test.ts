import { describe, expect, it } from 'vitest';
import { roomText } from '../../src/cli/output/room-text.ts';
import { table } from '../../src/cli/output/table.ts';

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
