import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readyPorts } from '../../../src/launcher/supervision/ready-message.ts';

describe('the message of a service that is ready', () => {
  it('tells its ports by the names of ports.json', () => {
    expect(readyPorts({ kind: 'ready', service: 'edge', ports: { sip: 5060, sips: 5061 } })).toEqual({
      sip: 5060,
      sips: 5061,
    });
  });

  it('may tell none', () => {
    expect(readyPorts({ kind: 'ready' })).toEqual({});
  });

  it('may tell others, which concern nobody here', () => {
    expect(readyPorts({ kind: 'ready', ports: { health: 9100, sip: 0, msrp: 'x', http: 70_000 } })).toEqual({});
  });

  it('is told apart from anything else that a process may send', () => {
    fc.assert(
      fc.property(fc.anything(), (message) => {
        const isReady = (message as { kind?: unknown } | null | undefined)?.kind === 'ready';
        expect(readyPorts(message) !== undefined).toBe(isReady && typeof message === 'object');
      }),
    );
  });
});
