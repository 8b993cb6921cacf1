import type { SipMessage } from '@parley/sip';
import { field, read, readRaw } from '@parley/sip';

/** Dialog and CSeq number, which a 2xx to INVITE and its ACK share. @spec RFC 3261 §13.2.2.4 */
export function acceptedKey(message: SipMessage): string {
  const from = read(message, field.from);
  const to = read(message, field.to);
  const sequence = read(message, field.cSeq);
  const tagOf = (party: typeof from): string => (party.ok ? party.value?.tag : undefined) ?? '';
  const number = sequence.ok ? sequence.value?.sequence : undefined;
  return `${readRaw(message, 'Call-ID') ?? ''} ${tagOf(from)} ${tagOf(to)} ${number ?? ''}`;
}
