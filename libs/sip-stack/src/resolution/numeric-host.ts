const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** The literal of a numeric host, without brackets; undefined for a name. @spec RFC 3261 §25.1 (IPv4address, IPv6reference) */
export function numericHost(host: string): string | undefined {
  if (host.startsWith('[') && host.endsWith(']')) return host.slice(1, -1);
  return ipv4.test(host) || host.includes(':') ? host : undefined;
}
