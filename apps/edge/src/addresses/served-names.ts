import { networkInterfaces } from 'node:os';
import { canonicalHost } from '@parley/sip';
import { isLoopback, isUnspecified, uriHost } from '@parley/service';
import type { EdgeSettings } from '../settings.ts';
import type { ServedNames } from './destination.ts';

const loopbackNames = ['localhost', '127.0.0.1', '::1'];

function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}

/** All names of this installation: its domain, the aliases, and every address that it listens at. */
export function servedNames(settings: EdgeSettings, ports: Iterable<number>): ServedNames {
  const { domain, domainAliases, chatDomain, host, publicHost } = settings;
  const addresses = isUnspecified(host)
    ? [...loopbackNames, ...machineAddresses()]
    : isLoopback(host)
      ? loopbackNames
      : [];
  const aliases = [...domainAliases, host, publicHost, ...addresses].map((name) => canonicalHost(uriHost(name)));
  return {
    domain: domain.toLowerCase(),
    aliases: new Set(aliases.filter((name) => name !== chatDomain.toLowerCase())),
    chatDomain: chatDomain.toLowerCase(),
    ports: new Set(ports),
  };
}
