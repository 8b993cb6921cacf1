import type { SipRequest } from '@parley/sip';
import { field, read } from '@parley/sip';

/** Whether the request is part of a dialog. @spec RFC 3261 §12.2 */
export function isInDialog(request: SipRequest): boolean {
  const to = read(request, field.to);
  return to.ok && to.value?.tag !== undefined;
}

const methods: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

/** Whether the request, or a 2xx to it, makes a dialog, so that our Record-Route belongs in it. @spec RFC 3261 §16.6 (4), RFC 6665 §4.3 */
export function makesDialog({ method }: SipRequest): boolean {
  return methods.has(method);
}
