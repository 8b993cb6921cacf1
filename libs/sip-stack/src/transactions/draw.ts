import type { Machine, TransactionEffect } from './machine.ts';

function word(effect: TransactionEffect): string {
  switch (effect.kind) {
    case 'ArmTimer':
      return `start ${effect.timer}`;
    case 'ResetTimer':
      return effect.to === 'T2' ? `reset ${effect.timer} to T2` : `double ${effect.timer}`;
    case 'StopTimer':
      return `stop ${effect.timer}`;
    default:
      return effect.kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();
  }
}

function label(stimulus: string, effects: readonly TransactionEffect[]): string {
  return effects.length === 0 ? stimulus : `${stimulus} / ${effects.map(word).join(', ')}`;
}

/** The machine as a Mermaid state diagram; the README's are made by it and a test holds them to the tables. */
export function drawMachine<State extends string, Stimulus extends string>(machine: Machine<State, Stimulus>): string {
  const { initial, table } = machine;
  const lines = ['stateDiagram-v2', `  [*] --> ${initial.to}: ${label('born', initial.effects)}`];
  for (const [state, row] of Object.entries<(typeof table)[State]>(table)) {
    for (const [stimulus, cell] of Object.entries<typeof initial | undefined>(row)) {
      if (cell !== undefined) lines.push(`  ${state} --> ${cell.to}: ${label(stimulus, cell.effects)}`);
    }
  }
  return [...lines, '  Terminated --> [*]'].join('\n');
}
