/** How far a failed request inside a dialog reaches. @spec RFC 5057 §5.1 */
export type ResponseImpact = 'transaction' | 'usage' | 'dialog';

const endsUsage: ReadonlySet<number> = new Set([405, 408, 480, 481, 489, 501]);
const endsDialog: ReadonlySet<number> = new Set([404, 410, 416, 482, 483, 484, 485, 502, 604]);

/**
 * What ends with a final response to a request inside a dialog.
 *
 * @note 405 and 501 end the usage only when the method is part of it (NOTIFY in a subscription); for others it is the
 * transaction alone. A timeout counts as 408, which ends the usage as RFC 3261 §12.2.1.2 has it.
 */
export function responseImpact(status: number): ResponseImpact {
  if (endsDialog.has(status)) return 'dialog';
  return endsUsage.has(status) ? 'usage' : 'transaction';
}
