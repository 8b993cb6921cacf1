import type { ParleySettings } from '@parley/service';
import { findApi } from '../api/find-api.ts';
import { checkCertificate } from './check-certificate.ts';
import { checkDns } from './check-dns.ts';
import { checkNats } from './check-nats.ts';
import { checkPorts } from './check-ports.ts';
import { checkServices, checkSip } from './check-running.ts';
import type { Finding } from './finding.ts';

/**
 * Looks at what an installation rests on. Where one runs, its services are asked; else what a start would need.
 *
 * @param now - wall time in milliseconds
 */
export async function examine(settings: ParleySettings, now: number): Promise<readonly Finding[]> {
  const services = await checkServices(findApi(settings));
  const own = services === undefined ? await checkPorts(settings) : [services, await checkSip(settings)];
  return [...own, ...(await checkNats(settings)), checkCertificate(settings, now), ...(await checkDns(settings))];
}
