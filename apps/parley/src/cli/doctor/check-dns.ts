import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { uriHost } from '@parley/service';
import type { ParleySettings } from '@parley/service';
import { finding, reasonOf } from './finding.ts';
import type { Finding } from './finding.ts';

const services = ['_sip._udp', '_sip._tcp', '_sips._tcp'] as const;
type Service = (typeof services)[number];

/** Whether others find this server by its domain. @spec RFC 3263 §4 */
export async function checkDns(settings: ParleySettings): Promise<readonly Finding[]> {
  const { domain, dns } = settings;
  if (isIP(domain) !== 0 || domain === 'localhost' || domain.endsWith('.localhost')) {
    return [finding('dns', 'ok', `${domain} needs no DNS`)];
  }
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (dns !== undefined) resolver.setServers([`${uriHost(dns.host)}:${dns.port}`]);
  const silence = await silenceOf(resolver, domain);
  if (silence !== undefined) {
    const what = `${resolver.getServers().join(', ')}: ${silence}`;
    return [finding('dns', 'problem', what, 'no resolver answers: set PARLEY_DNS to one that does')];
  }
  const records = await Promise.all(services.map((service) => srvOf(resolver, `${service}.${domain}`)));
  const missing = services.filter((_, i) => records[i]?.length === 0);
  const address = await addressOf(resolver, domain);
  if (missing.length === 0) return [finding('dns', 'ok', `SRV records of ${domain}: ${records.flat().join(', ')}`)];
  const advice = `other domains and clients look for: ${wantedRecords(missing, settings).join('; ')}`;
  return address === undefined
    ? [finding('dns', 'problem', `${domain} has neither SRV records nor an address`, advice)]
    : [finding('dns', 'note', `${domain} is ${address}; no SRV record of ${missing.join(', ')}`, advice)];
}

/** Lines for the zone of the domain; the target of an SRV record is a name, never an address (RFC 2782). */
function wantedRecords(missing: readonly Service[], settings: ParleySettings): readonly string[] {
  const { domain, publicHost } = settings;
  const version = isIP(publicHost);
  const target = version === 0 ? publicHost : domain;
  const address = version === 0 ? [] : [`${domain}. ${version === 6 ? 'AAAA' : 'A'} ${publicHost}`];
  const found = missing.map((service) => `${service}.${domain}. SRV 0 0 ${portOf(service, settings)} ${target}.`);
  return [...found, ...address];
}

function portOf(service: Service, { sipPort, sipsPort }: ParleySettings): number {
  return service === '_sips._tcp' ? sipsPort : sipPort;
}

/** Why no answer came at all; undefined when one came, of whatever kind. */
async function silenceOf(resolver: Resolver, domain: string): Promise<string | undefined> {
  try {
    await resolver.resolve4(domain);
  } catch (error) {
    const reason = reasonOf(error);
    if (/ECONNREFUSED|ETIMEOUT/.test(reason)) return reason;
  }
  return undefined;
}

async function srvOf(resolver: Resolver, name: string): Promise<readonly string[]> {
  try {
    return (await resolver.resolveSrv(name)).map((record) => `${record.name}:${record.port}`);
  } catch {
    return [];
  }
}

async function addressOf(resolver: Resolver, domain: string): Promise<string | undefined> {
  for (const resolve of [() => resolver.resolve4(domain), () => resolver.resolve6(domain)]) {
    const addresses = await resolve().catch((error: unknown) => (reasonOf(error), []));
    if (addresses[0] !== undefined) return addresses[0];
  }
  return undefined;
}
