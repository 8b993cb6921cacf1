import { describe, expect, it } from 'vitest';
import type { IsComposing, Receiver, ReceiverEffect, ReceiverInput } from '../src/index.ts';
import { newReceiver, receiverTable, stepReceiver } from '../src/index.ts';

const status = (now: number, message: IsComposing): ReceiverInput => ({ kind: 'StatusReceived', now, message });
const active = (now: number, refresh?: number) =>
  status(now, refresh === undefined ? { state: 'active' } : { state: 'active', refresh });
const fired = (now: number): ReceiverInput => ({ kind: 'TimerFired', now });
const content: ReceiverInput = { kind: 'ContentReceived' };
const shown = (state: 'idle' | 'active'): ReceiverEffect => ({ kind: 'Show', state });
const arm = (at: number): ReceiverEffect => ({ kind: 'ArmTimer', at });
const cancel: ReceiverEffect = { kind: 'CancelTimer' };

function run(...inputs: readonly ReceiverInput[]) {
  return inputs.reduce<readonly [Receiver, readonly ReceiverEffect[]]>(
    ([state], input) => stepReceiver(state, input),
    [newReceiver, []],
  );
}

describe('a status message receiver (RFC 3994 §3.3, figure 2)', () => {
  it('is active for the refresh that the message names, else for 120 s', () => {
    expect(run(active(0, 90))[1]).toEqual([shown('active'), arm(90_000)]);
    expect(run(active(0))[1]).toEqual([shown('active'), arm(120_000)]);
  });

  it('becomes idle by an "idle" message, by a content message, and by the refresh running out', () => {
    expect(run(active(0), status(1, { state: 'idle' }))).toEqual([{ kind: 'idle' }, [cancel, shown('idle')]]);
    expect(run(active(0), content)).toEqual([{ kind: 'idle' }, [cancel, shown('idle')]]);
    expect(run(active(0), fired(120_000))).toEqual([{ kind: 'idle' }, [shown('idle')]]);
  });

  it('MUST handle several "active" messages in a row, regardless of the refresh interval', () => {
    expect(run(active(0, 60), active(1000, 60))[1]).toEqual([arm(61_000)]);
    expect(run(active(0, 60), active(1000, 60), fired(60_000))[1]).toEqual([arm(61_000)]);
    const audio = status(1000, { state: 'active', contentType: 'audio' });
    expect(run(active(0), audio)[1]).toEqual([{ kind: 'Show', state: 'active', contentType: 'audio' }, arm(121_000)]);
  });

  it('does not believe a refresh of years', () => {
    expect(run(active(0, 999_999_999))[1]).toContainEqual(arm(3_600_000));
  });

  it('stays idle otherwise', () => {
    for (const input of [status(0, { state: 'idle' }), content, fired(0)]) {
      expect(run(input)).toEqual([{ kind: 'idle' }, []]);
    }
    expect(Object.values(receiverTable).map((row) => Object.keys(row).length)).toEqual([3, 3]);
  });
});
