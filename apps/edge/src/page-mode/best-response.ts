/** Class of a final status code, 2 to 6. */
function classOf(status: number): number {
  return Math.floor(status / 100);
}

/** Codes that tell the sender how to do better; they come before others of their class. @spec RFC 3261 §16.7 step 6 */
const preferred: ReadonlySet<number> = new Set([401, 407, 415, 420, 484]);

/** Lower is better: 2xx, then 6xx, then the lowest class; within a class what helps, and 503 last. */
function rank(status: number): number {
  const statusClass = classOf(status);
  if (statusClass === 2) return 0;
  if (statusClass === 6) return 1;
  const within = status === 503 ? 2 : preferred.has(status) ? 0 : 1;
  return statusClass * 10 + within;
}

/**
 * The final response that goes back when every branch has one; the first of equals.
 *
 * @param responses - at least one
 * @spec RFC 3261 §16.7 step 6
 */
export function bestResponse<T extends { readonly statusCode: number }>(responses: readonly [T, ...T[]]): T {
  return responses.reduce((best, next) => (rank(next.statusCode) < rank(best.statusCode) ? next : best));
}
