import { unquoteComment, writeComment } from '../grammar/comment.ts';
import type { Parameters } from '../grammar/parameters.ts';
import { scanParameters, serialiseParameters } from '../grammar/parameters.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { single } from './define.ts';
import { mostSeconds, parameter, takeNumber } from './take.ts';

/** When another try makes sense. @spec RFC 3261 §20.33 */
export interface RetryAfter {
  readonly seconds: number;
  /** Unicode, without the outer parentheses. */
  readonly comment?: string | undefined;
  /** Seconds that the callee will then be reachable. */
  readonly duration?: number | undefined;
  readonly parameters: Parameters;
}

/** Seconds to wait before the request is tried again. @spec RFC 3261 §20.33 */
export const retryAfter: HeaderDefinition<RetryAfter> = single(
  'Retry-After',
  (s) => {
    const seconds = s.number('delta-seconds', mostSeconds, true);
    s.skipBlanks();
    const comment = s.peek() === 0x28 ? unquoteComment(s) : undefined;
    const parameters = scanParameters(s);
    const duration = takeNumber(s, parameters, 'duration');
    return {
      seconds,
      ...(comment === undefined ? {} : { comment }),
      ...(duration === undefined ? {} : { duration }),
      parameters,
    };
  },
  (value) =>
    String(value.seconds) +
    (value.comment === undefined ? '' : ` ${writeComment(value.comment)}`) +
    parameter('duration', value.duration) +
    serialiseParameters(value.parameters),
);
