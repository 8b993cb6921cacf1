import type { ContactAddress } from '@parley/sip';
import type { Binding, GruuSeries } from './binding.ts';
import { isSameInstance } from './binding.ts';
import type { Registration } from './registration.ts';

/**
 * The series of temporary GRUUs that a contact registers into: that of its device, until a REGISTER of another Call-ID
 * for the same flow shows that the device began anew.
 *
 * @param bindings - of the address-of-record
 * @param newToken - an unguessable token
 * @spec RFC 5627 §5.1
 */
export function seriesFor(
  bindings: readonly Binding[],
  { instance, regId }: ContactAddress,
  { callId, cSeq }: Registration,
  newToken: () => string,
): GruuSeries | undefined {
  if (instance === undefined) return undefined;
  const device = bindings.filter(({ contact }) => isSameInstance(contact.instance, instance));
  const earlier = regId === undefined ? device : device.filter(({ contact }) => contact.regId === regId);
  const last = latest(earlier);
  const isGoingOn = last === undefined || last.callId === callId;
  return (isGoingOn ? latest(device)?.series : undefined) ?? { token: newToken(), cSeq };
}

/** The other bindings of a device as they are once it registered into a new series, which ends the old one for all of them. */
export function withSeries(bindings: readonly Binding[], { key, contact, series }: Binding): readonly Binding[] {
  return bindings
    .filter((other) => other.key !== key && isSameInstance(other.contact.instance, contact.instance))
    .filter((other) => other.series?.token !== series?.token)
    .map((other) => ({ ...other, series }));
}

function latest(bindings: readonly Binding[]): Binding | undefined {
  return bindings.reduce<Binding | undefined>(
    (last, binding) => (last === undefined || binding.refreshedAt >= last.refreshedAt ? binding : last),
    undefined,
  );
}
