import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@parley/prelude';
import type { TlsFiles, TlsIdentity } from '@parley/sip-stack/node';
import { watchTlsFiles } from '@parley/sip-stack/node';
import type { EdgeSettings } from '../settings.ts';
import { selfSigned } from './self-signed.ts';

const day = 86_400_000;
/** Days that a generated certificate is good for; as long as browsers take one at most. */
const validity = 397;
/** Days before its end at which a start makes a new one. */
const renewal = 30;

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
  const files = settings.tls ?? (await generatedFiles(settings, clock));
  return await watchTlsFiles({ ...files, ...(settings.tlsCa && { ca: settings.tlsCa }) }, { onFailure });
}

/** Made when there is none, when it ends soon, or when it lacks a name. @spec RFC 5922 §4 */
async function generatedFiles(settings: EdgeSettings, clock: Clock): Promise<TlsFiles> {
  const { domain, domainAliases, chatDomain, host, publicHost, dataDir } = settings;
  const names = [...new Set([domain, chatDomain, ...domainAliases, publicHost, host])];
  const folder = join(dataDir, 'tls');
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const now = clock.wallTime();
  if (await isUsable(files.cert, names, now)) return files;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = selfSigned(names, now - day, now + validity * day);
  await replace(files.key, made.key);
  await replace(files.cert, made.cert);
  return files;
}

async function isUsable(path: string, names: readonly string[], now: number): Promise<boolean> {
  try {
    const { validTo, subjectAltName = '' } = new X509Certificate(await readFile(path));
    const alternatives = subjectAltName.split(', ').map((name) => name.slice(name.indexOf(':') + 1).toLowerCase());
    return Date.parse(validTo) - now > renewal * day && names.every((name) => alternatives.includes(name));
  } catch {
    return false; // none yet, or not a certificate: a new one is made
  }
}

/** Each file appears whole, also when several edges start at once over one directory. */
async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}
