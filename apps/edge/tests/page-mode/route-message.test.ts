import { describe, expect, it } from 'vitest';
import { routeMessage } from '../../src/page-mode/route-message.ts';
import type { Binding } from '../../src/registrar/binding.ts';

const device = { key: 'k' } as Binding; // only its being there counts

describe('Route of a message to a user', () => {
  it('is nowhere for nobody, whatever is left in the location service', () => {
    expect(routeMessage(false, [])).toEqual({ kind: 'unknown' });
    expect(routeMessage(false, [device])).toEqual({ kind: 'unknown' });
  });

  it('is every live binding', () => {
    expect(routeMessage(true, [device, device])).toEqual({ kind: 'fork', bindings: [device, device] });
  });

  it('is the mailbox when there is none', () => {
    expect(routeMessage(true, [])).toEqual({ kind: 'store' });
  });
});
