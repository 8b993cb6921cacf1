import { isIP, isIPv4 } from 'node:net';
import type { SettingType } from './setting-type.ts';

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const domainName = new RegExp(`^${label}(?:\\.${label})*$`, 'i');

/** A DNS name, in lower case and without a final dot. */
export const domain: SettingType<string> = {
  allowed: 'a domain name',
  parse: (text) => {
    const name = text.toLowerCase().replace(/\.$/, '');
    return name.length <= 253 && domainName.test(name) ? name : undefined;
  },
};

/** A DNS name or an IP address; IPv6 without its brackets. */
export const host: SettingType<string> = {
  allowed: 'a host name or an IP address',
  parse: (text) => {
    const bare = text.replace(/^\[(.*)\]$/, '$1');
    if (isIP(bare) !== 0) return bare.toLowerCase();
    // Digits and dots that are no address are a mistyped address, not a name.
    return /^[\d.]+$/.test(text) ? undefined : domain.parse(text);
  },
};

/** A host with its port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, IPv6 in brackets; the port may be left out. */
export function hostPort(defaultPort: number): SettingType<HostPort> {
  return { allowed: 'host:port', parse: (text) => parseHostPort(text, defaultPort) };
}

/** `address:port`, IPv6 in brackets, no names; the port may be left out. */
export function addressPort(defaultPort: number): SettingType<HostPort> {
  return {
    allowed: 'an IP address, or address:port',
    parse: (text) => {
      const parsed = parseHostPort(text, defaultPort);
      return parsed !== undefined && isIP(parsed.host) !== 0 ? parsed : undefined;
    },
  };
}

function parseHostPort(text: string, defaultPort: number): HostPort | undefined {
  const parts = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text);
  const parsed = host.parse(parts?.[1] ?? '');
  const port = Number(parts?.[2] ?? defaultPort);
  return parsed !== undefined && port >= 1 && port <= 65_535 ? { host: parsed, port } : undefined;
}

/** An absolute URL with one of the schemes; a password in it is never shown. */
export function url(...schemes: readonly string[]): SettingType<string> {
  return {
    allowed: `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    parse: (text) => {
      const parsed = URL.parse(text);
      return parsed !== null && parsed.host !== '' && schemes.includes(parsed.protocol.slice(0, -1)) ? text : undefined;
    },
    show: (text) => text.replace(/\/\/[^/]*@/, '//***@'),
  };
}

/** A host as it stands in a URI, or before a port: IPv6 in brackets. @spec RFC 3986 §3.2.2 */
export function uriHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** Whether only this machine can reach the address. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

/** Whether the address means every interface, so that nobody can be told to send to it. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
