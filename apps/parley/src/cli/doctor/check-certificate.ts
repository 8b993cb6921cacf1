import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ParleySettings } from '@parley/service';
import { finding, reasonOf } from './finding.ts';
import type { Finding } from './finding.ts';

const day = 86_400_000;
/** Days before its end at which a certificate is worth a word. */
const soon = 30;

/** Whether the certificate that the settings name is one for the domain, and good for a while. @param now - wall time in milliseconds */
export function checkCertificate({ tls, domain }: ParleySettings, now: number): Finding {
  if (tls === undefined) {
    return finding(
      'certificate',
      'note',
      'a start makes one that signed itself',
      'clients must be told to trust it; for others set PARLEY_TLS_CERT and PARLEY_TLS_KEY',
    );
  }
  try {
    const certificate = new X509Certificate(readFileSync(tls.cert));
    const key = createPrivateKey(readFileSync(tls.key));
    return judge(certificate, certificate.checkPrivateKey(key), domain, now);
  } catch (error) {
    const advice = 'PARLEY_TLS_CERT and PARLEY_TLS_KEY must name PEM files that this user may read';
    return finding('certificate', 'problem', reasonOf(error), advice);
  }
}

function judge(certificate: X509Certificate, hasKey: boolean, domain: string, now: number): Finding {
  const { validTo, validFrom, subjectAltName = '' } = certificate;
  const found = `until ${validTo}, for ${subjectAltName}`;
  const left = Math.floor((Date.parse(validTo) - now) / day);
  if (!hasKey) return finding('certificate', 'problem', found, 'PARLEY_TLS_KEY is not the key of PARLEY_TLS_CERT');
  if (left < 0)
    return finding('certificate', 'problem', found, 'it is over: renew it; it is read again when the file changes');
  if (Date.parse(validFrom) > now)
    return finding('certificate', 'problem', found, 'it is not valid yet: look at the clock');
  if (certificate.checkHost(domain) === undefined)
    return finding('certificate', 'problem', found, `it is not for ${domain}: clients will not take it (RFC 5922 §4)`);
  return left < soon
    ? finding('certificate', 'note', found, `${left} days are left: renew it soon`)
    : finding('certificate', 'ok', found);
}
