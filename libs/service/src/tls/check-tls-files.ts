import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ParleySettings } from '../settings/parley-settings.ts';
import { settingError } from '../settings/setting-table.ts';
import type { SettingError } from '../settings/setting-table.ts';

/** The PEM files that settings name. */
export type TlsFileSettings = Pick<ParleySettings, 'tls'> & Partial<Pick<ParleySettings, 'tlsCa'>>;

/** What is wrong with the PEM files that the settings name; undefined: nothing, or they name none. */
export function checkTlsFiles({ tls, tlsCa }: TlsFileSettings): SettingError | undefined {
  return (
    (tls && (complaint('PARLEY_TLS_CERT', tls.cert, certificateIn) ?? complaint('PARLEY_TLS_KEY', tls.key, keyIn))) ??
    (tls && complaint('PARLEY_TLS_KEY', tls.key, fitsTo(tls.cert))) ??
    (tlsCa === undefined ? undefined : complaint('PARLEY_TLS_CA', tlsCa, certificateIn))
  );
}

function complaint(name: string, file: string, read: (file: string) => unknown): SettingError | undefined {
  try {
    read(file);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return settingError(name, file, `is not allowed: it must be a PEM file that can be read and used (${why})`);
  }
}

const certificateIn = (file: string): X509Certificate => new X509Certificate(readFileSync(file));
const keyIn = (file: string): ReturnType<typeof createPrivateKey> => createPrivateKey(readFileSync(file));

const fitsTo =
  (certificate: string) =>
  (key: string): void => {
    if (!certificateIn(certificate).checkPrivateKey(keyIn(key)))
      throw new Error('it is not the key of PARLEY_TLS_CERT');
  };
