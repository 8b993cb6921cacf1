import { describe, expect, it } from 'vitest';
import { childLoggers, createLogger } from '../src/index.ts';
import type { LogLevel } from '../src/index.ts';

function logger(level: LogLevel = 'info'): { root: ReturnType<typeof createLogger>; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { root: createLogger({ service: 'edge', instance: 'edge-1', level }, { write }), lines };
}

describe('logs', () => {
  it('say which service and instance speaks, and which part of it', () => {
    const { root, lines } = logger();
    const log = childLoggers(root, 'flow', 'registrar');
    log.flow.info({ callId: 'x' }, 'opened');
    expect(lines).toMatchObject([{ service: 'edge', instance: 'edge-1', part: 'flow', callId: 'x', msg: 'opened' }]);
  });

  it('hide credentials and bodies', () => {
    const { root, lines } = logger();
    root.info(
      { password: 'hunter2', request: { authorization: 'hunter2', body: 'hunter2', method: 'MESSAGE' } },
      'came',
    );
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines).toMatchObject([{ password: '***', request: { body: '***', method: 'MESSAGE' } }]);
  });

  it('are silent below their level', () => {
    const { root, lines } = logger('warn');
    root.info('detail');
    expect(lines).toEqual([]);
  });
});
