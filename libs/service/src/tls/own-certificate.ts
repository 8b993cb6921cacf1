import { randomUUID, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ParleySettings } from '../settings/parley-settings.ts';
import { checkTlsFiles } from './check-tls-files.ts';
import type { TlsFileSettings } from './check-tls-files.ts';

const day = 86_400_000;
/** Days that a generated certificate is good for; as long as browsers take one at most. */
const validity = 397;
/** Days before its end at which a start makes a new one. */
const renewal = 30;

/** PEM files of this server's certificate and of its key; may be one and the same. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Settings by which a certificate is found or made. */
export type CertificateSettings = Pick<
  ParleySettings,
  'tls' | 'dataDir' | 'domain' | 'domainAliases' | 'chatDomain' | 'host' | 'publicHost'
> &
  TlsFileSettings;

/**
 * The certificate that the settings name, else one that signed itself, in the data directory. All services of one
 * machine share it: it is one file that appears whole, so that two that start at once agree on the last one written.
 *
 * @param now - wall time in milliseconds
 * @throws Error that a start explains in one line when the files that the settings name are of no use; that of the
 * system when the directory cannot be written
 * @spec RFC 5922 §4 (names in the certificate of a domain)
 */
export async function ownCertificate(settings: CertificateSettings, now: number): Promise<CertificateFiles> {
  const complaint = checkTlsFiles(settings);
  if (complaint !== undefined) throw Object.assign(new Error(complaint.message), { kind: complaint.kind });
  if (settings.tls !== undefined) return settings.tls;
  const { domain, domainAliases, chatDomain, host, publicHost, dataDir } = settings;
  const names = [...new Set([domain, chatDomain, ...domainAliases, publicHost, host])];
  const folder = join(dataDir, 'tls');
  const file = join(folder, 'self-signed.pem');
  if (!(await isUsable(file, names, now))) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { selfSigned } = await import('./self-signed.ts'); // a hundred milliseconds of loading, once in a year
    const draft = `${file}.${randomUUID()}`;
    await writeFile(draft, await selfSigned(names, now - day, now + validity * day), { mode: 0o600 });
    await rename(draft, file);
  }
  return { cert: file, key: file };
}

async function isUsable(path: string, names: readonly string[], now: number): Promise<boolean> {
  try {
    const { validTo, subjectAltName = '' } = new X509Certificate(await readFile(path));
    const alternatives = subjectAltName.split(', ').map((name) => name.slice(name.indexOf(':') + 1).toLowerCase());
    return (
      Date.parse(validTo) - now > renewal * day && names.every((name) => alternatives.includes(name.toLowerCase()))
    );
  } catch {
    return false; // none yet, or not a certificate: a new one is made
  }
}
