/** What a final response says of a message, as it is counted. */
export function outcomeOf(status: number): 'delivered' | 'refused' | 'unreachable' | 'failed' {
  if (status < 300) return 'delivered';
  if (status === 480) return 'unreachable';
  return status >= 500 && status < 600 ? 'failed' : 'refused';
}
