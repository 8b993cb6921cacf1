import type { SipRequest } from '@parley/sip';
import type { Binding } from '../registrar/binding.ts';

/** Whether the request asks for TLS on every hop. @spec RFC 5630 §5.3 */
export function isSecureRequest({ requestUri }: SipRequest): boolean {
  return /^sips:/i.test(requestUri);
}

/**
 * The bindings that a request may be sent to, as it may be sent to them: a `sips:` request to `sips:` contacts alone, any
 * other to all, with `sip:` in place of `sips:` and over the same TLS.
 *
 * @spec RFC 5630 §5.3
 */
export function targetsFor(request: SipRequest, bindings: readonly Binding[]): readonly Binding[] {
  if (isSecureRequest(request)) return bindings.filter(isSecureBinding);
  return bindings.some(isSecureBinding) ? bindings.map(plainly) : bindings;
}

function isSecureBinding({ target }: Binding): boolean {
  return target.startsWith('sips:');
}

function plainly(binding: Binding): Binding {
  return isSecureBinding(binding) ? { ...binding, target: binding.target.replace(/^sips:/i, 'sip:') } : binding;
}
