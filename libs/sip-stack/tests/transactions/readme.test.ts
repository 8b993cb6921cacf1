import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  defaultTimers,
  drawMachine,
  inviteClientMachine,
  inviteServerMachine,
  nonInviteClientMachine,
  nonInviteServerMachine,
  timerDuration,
  timerTable,
} from '../../src/index.ts';
import type { TimerName } from '../../src/index.ts';

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

describe('README', () => {
  it.each([
    [inviteClientMachine.name, drawMachine(inviteClientMachine)],
    [nonInviteClientMachine.name, drawMachine(nonInviteClientMachine)],
    [inviteServerMachine.name, drawMachine(inviteServerMachine)],
    [nonInviteServerMachine.name, drawMachine(nonInviteServerMachine)],
  ])('draws the %s as its table has it', (name, diagram) => {
    expect(readme).toContain(`### ${name}\n\n\`\`\`mermaid\n${diagram}\n\`\`\``);
  });

  it('lists the timers as their table has them', () => {
    for (const [name, { meaning, section }] of Object.entries(timerTable)) {
      const [unreliable, reliable] = [false, true].map((kind) => timerDuration(name as TimerName, defaultTimers, kind));
      expect(readme).toContain(`| ${name} | ${unreliable} | ${reliable ?? 'not started'} | ${meaning} | ${section} |`);
    }
  });
});
