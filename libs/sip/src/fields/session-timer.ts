import type { Parameters } from '../grammar/parameters.ts';
import { scanParameters, serialiseParameters } from '../grammar/parameters.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { single } from './define.ts';
import { mostSeconds, parameter, takeToken } from './take.ts';

/** How long a session lasts without a refresh, and who refreshes it. @spec RFC 4028 §4 */
export interface SessionExpires {
  readonly seconds: number;
  readonly refresher?: 'uac' | 'uas' | undefined;
  readonly parameters: Parameters;
}

/** Shortest session interval that an element takes. @spec RFC 4028 §5 */
export interface MinSe {
  readonly seconds: number;
  readonly parameters: Parameters;
}

/** Session interval. @spec RFC 4028 §4 */
export const sessionExpires: HeaderDefinition<SessionExpires> = single(
  { name: 'Session-Expires', compact: 'x' },
  (s) => {
    const seconds = s.number('delta-seconds', mostSeconds, true);
    const parameters = scanParameters(s);
    const who = takeToken(s, parameters, 'refresher')?.toLowerCase();
    if (who === undefined) return { seconds, parameters };
    if (who !== 'uac' && who !== 'uas') s.fail('refresher-param', 'expected uac or uas', 'RFC 4028 §4');
    return { seconds, refresher: who === 'uas' ? 'uas' : 'uac', parameters };
  },
  (value) => String(value.seconds) + parameter('refresher', value.refresher) + serialiseParameters(value.parameters),
);

/** Lower bound of the session interval. @spec RFC 4028 §5 */
export const minSe: HeaderDefinition<MinSe> = single(
  'Min-SE',
  (s) => ({ seconds: s.number('delta-seconds', mostSeconds, true), parameters: scanParameters(s) }),
  (value) => String(value.seconds) + serialiseParameters(value.parameters),
);
