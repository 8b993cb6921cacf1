import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, startChild } from '@parley/testing';

/** The SIP server of another domain. */
export interface Kamailio extends AsyncDisposable {
  readonly port: number;
}

/** What one Kamailio serves, and where it sends what is not its own. */
export interface KamailioOptions {
  readonly port: number;
  readonly domain: string;
  /** Next hop of every other domain, e.g. `127.0.0.1:5060;transport=tcp`. */
  readonly onward: string;
}

const modules = ['tm', 'sl', 'rr', 'maxfwd', 'pv', 'textops', 'siputils', 'usrloc', 'registrar'];

/** A registrar and record-routing proxy, and no more: RFC 3261 §10, §16. */
const configuration = ({ port, domain, onward }: KamailioOptions): string => `
debug=1
log_stderror=yes
fork=yes
children=1
tcp_children=1
auto_aliases=no
alias="${domain}"
listen=udp:127.0.0.1:${port}
listen=tcp:127.0.0.1:${port}
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("usrloc", "db_mode", 0)
request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  t_check_trans();
  if (is_method("INVITE|SUBSCRIBE")) record_route();
  if (is_method("REGISTER")) { save("location"); exit; }
  if (uri==myself) {
    if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
    t_relay();
    exit;
  }
  $du = "sip:${onward}";
  t_relay();
}
`;

/** Starts Kamailio for a domain, and waits until it accepts. */
export function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  return runKamailio(options.port, configuration(options));
}

/** Runs Kamailio with a configuration of one's own, and waits until it accepts at `port`. */
export async function runKamailio(port: number, text: string): Promise<Kamailio> {
  const home = await mkdtemp(join(tmpdir(), 'parley-kamailio-'));
  const file = join(home, 'kamailio.cfg');
  await writeFile(file, text);
  const child = startChild('kamailio', ['-f', file, '-DD', '-E', '-m', '32', '-M', '4', '-Y', home, '-w', home]);
  await eventually(async () => {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
    } catch {
      throw new Error(`kamailio does not accept: ${child.stderr.slice(-1000)}`);
    } finally {
      socket.destroy();
    }
  });
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      await child.stop(5_000);
      await rm(home, { recursive: true, force: true });
    },
  };
}
