/** What became of a message, and in which of its three stations. @spec RFC 5438 §5 */
export type Disposition =
  | { readonly type: 'delivery'; readonly status: 'delivered' | 'failed' | 'forbidden' | 'error' }
  | { readonly type: 'processing'; readonly status: 'processed' | 'stored' | 'forbidden' | 'error' }
  | { readonly type: 'display'; readonly status: 'displayed' | 'forbidden' | 'error' };

/** What a sender can ask for. @spec RFC 5438 §7.1.1.3 */
export type NotificationType = 'positive-delivery' | 'negative-delivery' | 'processing' | 'display';

/** The request that a disposition answers. @spec RFC 5438 §7.1.1.3 */
export function answeredBy({ type, status }: Disposition): NotificationType {
  if (type !== 'delivery') return type;
  return status === 'delivered' ? 'positive-delivery' : 'negative-delivery';
}

/** Statuses that each type has in the schema. @spec RFC 5438 §11.1.7 */
const statuses = {
  delivery: ['delivered', 'failed', 'forbidden', 'error'],
  processing: ['processed', 'stored', 'forbidden', 'error'],
  display: ['displayed', 'forbidden', 'error'],
} as const satisfies Record<Disposition['type'], readonly Disposition['status'][]>;

/** The disposition that two names spell, or undefined when the schema has none such. */
export function dispositionOf(type: string, status: string): Disposition | undefined {
  if (!isType(type) || !statuses[type].some((known) => known === status)) return undefined;
  // The status was found among those of its type.
  return { type, status } as Disposition;
}

function isType(name: string): name is Disposition['type'] {
  return Object.hasOwn(statuses, name);
}
