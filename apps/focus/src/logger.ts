import { childLoggers } from '@parley/service';
import type { ServiceContext } from '@parley/service';

/** The loggers of a focus, by part. */
export type FocusLoggers = ReturnType<typeof focusLoggers>;

/** Declares them. */
export function focusLoggers({
  logger,
}: Pick<ServiceContext, 'logger'>): Record<'room' | 'switch', ServiceContext['logger']> {
  return childLoggers(logger, 'room', 'switch');
}
