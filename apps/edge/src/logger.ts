import { childLoggers } from '@parley/service';
import type { Logger } from 'pino';

/** The loggers of an edge's parts. */
export function edgeLoggers(root: Logger): Record<'edge', Logger> {
  return childLoggers(root, 'edge');
}
