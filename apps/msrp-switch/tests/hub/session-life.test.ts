import { describe, expect, it } from 'vitest';
import type { SessionInput, SessionLife } from '../../src/hub/session-life.ts';
import { stepSession } from '../../src/hub/session-life.ts';

const kinds = (life: SessionLife, input: SessionInput): readonly string[] =>
  stepSession(life, input)[1].map(({ kind }) => kind);

describe('The life of a session (RFC 4975 §5.4)', () => {
  it('begins with the time that it has to be bound', () => {
    expect(stepSession('waiting', { kind: 'Opened' })).toEqual(['waiting', [{ kind: 'ArmTimer', timer: 'bind' }]]);
  });

  it('tells the focus once that it is bound', () => {
    expect(stepSession('waiting', { kind: 'Bound' })[0]).toBe('bound');
    expect(kinds('waiting', { kind: 'Bound' })).toEqual(['DisarmTimer', 'TellBound']);
    expect(kinds('parted', { kind: 'Bound' })).toEqual(['DisarmTimer']);
  });

  it('has a grace when its connection is gone, and ends with it', () => {
    expect(stepSession('bound', { kind: 'ConnectionLost' })).toEqual([
      'parted',
      [{ kind: 'ArmTimer', timer: 'rebind' }],
    ]);
    expect(stepSession('parted', { kind: 'TimeUp' })).toEqual([
      'ended',
      [{ kind: 'TellLost', reason: 'connection lost' }, { kind: 'Forget' }],
    ]);
  });

  it('ends unbound when its time is up', () => {
    expect(stepSession('waiting', { kind: 'TimeUp' })[1]).toContainEqual({ kind: 'TellLost', reason: 'never bound' });
  });

  it('does not tell the focus what the focus itself ended', () => {
    for (const life of ['waiting', 'bound', 'parted'] as const) {
      expect(kinds(life, { kind: 'Closed' })).toEqual(['DisarmTimer', 'Forget']);
    }
  });

  it('is over when it has ended, whatever comes', () => {
    const inputs: SessionInput[] = [
      { kind: 'Bound' },
      { kind: 'ConnectionLost' },
      { kind: 'TimeUp' },
      { kind: 'Closed' },
      { kind: 'Dropped', reason: '' },
    ];
    for (const input of inputs) expect(stepSession('ended', input)).toEqual(['ended', []]);
  });

  it('ignores a timer that fires late', () => {
    expect(stepSession('bound', { kind: 'TimeUp' })).toEqual(['bound', []]);
  });
});
