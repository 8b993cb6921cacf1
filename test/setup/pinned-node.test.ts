import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isNewEnough, pinnedNode } from '../../.config/setup/pinned-node.mjs';

describe('the Node that runs the workspace', () => {
  it('is the pinned one where it runs', () => {
    expect(pinnedNode(fileURLToPath(new URL('../..', import.meta.url)))).toMatch(/node$/);
  });

  it('is the running one where none is pinned, as this one is new enough', () => {
    expect(pinnedNode('/nowhere')).toBe(process.execPath);
  });

  it.each([
    ['20.20.2', false],
    ['22.17.1', false],
    ['22.18.0', true],
    ['24.0.0', true],
  ])('may be %s: %j', (version, usable) => {
    expect(isNewEnough(version)).toBe(usable);
  });
});
