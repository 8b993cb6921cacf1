import type { Clock } from '@parley/prelude';
import { ownCertificate } from '@parley/service';
import type { TlsIdentity } from '@parley/sip-stack/node';
import { watchTlsFiles } from '@parley/sip-stack/node';
import type { EdgeSettings } from '../settings.ts';

/**
 * The certificate that the settings name, or one of our own in the data directory; read again when its files change.
 *
 * @throws Error of the system or of OpenSSL when the files cannot be used
 */
export async function edgeIdentity(
  settings: EdgeSettings,
  clock: Clock,
  onFailure: (error: unknown) => void,
): Promise<TlsIdentity> {
  const files = await ownCertificate(settings, clock.wallTime());
  return await watchTlsFiles({ ...files, ...(settings.tlsCa && { ca: settings.tlsCa }) }, { onFailure });
}
