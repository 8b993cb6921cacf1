import type { Parameters } from '../grammar/parameters.ts';
import { scanParameters, serialiseParameters } from '../grammar/parameters.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { single } from './define.ts';
import { parameter, takeNumber, takeToken } from './take.ts';

/** What is subscribed to. @spec RFC 6665 §8.2.1 */
export interface Event {
  /** Package with its templates, e.g. `presence.winfo`; compared octet by octet. */
  readonly package: string;
  readonly id?: string | undefined;
  readonly parameters: Parameters;
}

/** How a subscription stands. @spec RFC 6665 §8.2.3 */
export interface SubscriptionState {
  /** `active`, `pending`, `terminated` or another, in lower case. */
  readonly state: string;
  readonly reason?: string | undefined;
  /** Seconds left. */
  readonly expires?: number | undefined;
  /** Seconds after which another SUBSCRIBE makes sense. */
  readonly retryAfter?: number | undefined;
  readonly parameters: Parameters;
}

/** The event package and the subscription in it. @spec RFC 6665 §8.2.1 */
export const event: HeaderDefinition<Event> = single(
  { name: 'Event', compact: 'o' },
  (s) => {
    const name = s.token('event-type');
    const parameters = scanParameters(s);
    const id = takeToken(s, parameters, 'id');
    return { package: name, ...(id === undefined ? {} : { id }), parameters };
  },
  (value) => value.package + parameter('id', value.id) + serialiseParameters(value.parameters),
);

/** State that a NOTIFY tells. @spec RFC 6665 §8.2.3 */
export const subscriptionState: HeaderDefinition<SubscriptionState> = single(
  'Subscription-State',
  (s) => {
    const state = s.token('substate-value').toLowerCase();
    const parameters = scanParameters(s);
    const reason = takeToken(s, parameters, 'reason');
    const expires = takeNumber(s, parameters, 'expires');
    const retryAfter = takeNumber(s, parameters, 'retry-after');
    return {
      state,
      ...(reason === undefined ? {} : { reason }),
      ...(expires === undefined ? {} : { expires }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      parameters,
    };
  },
  (value) =>
    value.state +
    parameter('reason', value.reason) +
    parameter('expires', value.expires) +
    parameter('retry-after', value.retryAfter) +
    serialiseParameters(value.parameters),
);
