import type { Parameters } from '../grammar/parameters.ts';
import { scanParameters, serialiseParameters } from '../grammar/parameters.ts';
import { quote } from '../grammar/quoted.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { list } from './define.ts';
import { parameter, takeNumber, takeText } from './take.ts';

/** Why a request was sent. @spec RFC 3326 §2 */
export interface Reason {
  /** `SIP`, `Q.850` or another. */
  readonly protocol: string;
  readonly cause?: number | undefined;
  /** Unicode. */
  readonly text?: string | undefined;
  readonly parameters: Parameters;
}

/** Why a request was sent, one value per protocol. @spec RFC 3326 §2 */
export const reason: HeaderDefinition<Reason> = list(
  'Reason',
  (s) => {
    const protocol = s.token('protocol');
    const parameters = scanParameters(s);
    const cause = takeNumber(s, parameters, 'cause');
    const text = takeText(s, parameters, 'text');
    return {
      protocol,
      ...(cause === undefined ? {} : { cause }),
      ...(text === undefined ? {} : { text }),
      parameters,
    };
  },
  (value) =>
    value.protocol +
    parameter('cause', value.cause) +
    parameter('text', value.text === undefined ? undefined : quote(value.text)) +
    serialiseParameters(value.parameters),
);
