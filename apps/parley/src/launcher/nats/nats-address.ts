/** Where one of the servers in `PARLEY_NATS_URL` listens. */
export interface NatsAddress {
  readonly host: string;
  readonly port: number;
}

/** @note `URL` knows no default port for `nats:` and `tls:`. */
const defaultPorts: Readonly<Record<string, number>> = { 'ws:': 80, 'wss:': 443 };

/** Address in a URL that the settings have checked. */
export function natsAddress(url: string): NatsAddress {
  const { protocol, hostname, port } = new URL(url);
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (defaultPorts[protocol] ?? 4222) : Number(port),
  };
}
