/** What the private NATS of one installation needs to know. */
export interface NatsPlan {
  /** The program, as a path. */
  readonly program: string;
  /** Where it keeps its configuration and its store. */
  readonly folder: string;
  /** Port on the loopback interface; 0 lets the server choose. */
  readonly port: number;
  /** Keeps other local users out: loopback is shared by everybody on the machine. */
  readonly token: string;
}

/** Largest message, octets: room for a page-mode body with its envelope; the server warns above 8 MiB. */
const maxPayload = 8 * 1024 * 1024;

/**
 * Octets that the store may fill: no limit. The shares of `PARLEY_STORE_OCTETS` are it; a server that is told less than they
 * were once would not have those streams any more.
 */
const maxStore = 2 ** 50;

/** Configuration file of the private server. */
export function serverConfig(plan: NatsPlan): string {
  const settings = [
    'server_name: parley',
    'host: "127.0.0.1"',
    `port: ${plan.port === 0 ? -1 : plan.port}`,
    `max_payload: ${maxPayload}`,
    `ports_file_dir: ${JSON.stringify(plan.folder)}`,
    `authorization { token: ${JSON.stringify(plan.token)} }`,
    `jetstream { store_dir: ${JSON.stringify(`${plan.folder}/store`)}, max_file_store: ${maxStore} }`,
  ];
  return `${settings.join('\n')}\n`;
}
