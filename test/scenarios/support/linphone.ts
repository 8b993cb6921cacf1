import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ports } from './installation.ts';
import type { Interactive } from './interactive.ts';
import { makeHome, startInteractive } from './interactive.ts';

const configuration = (name: string, server: string): string => `[sip]
sip_port=0
sip_tcp_port=-1
sip_tls_port=0
default_proxy=0
[proxy_0]
reg_proxy=<${server}>
reg_route=<${server};lr>
reg_identity=sip:${name}@localhost
reg_expires=600
reg_sendregister=1
[auth_info_0]
username=${name}
passwd=secret
realm=localhost
`;

/** Starts linphone's console for one account over TCP. @param more - further arguments of its command line */
export async function startLinphone(ports: Ports, name: string, more: readonly string[] = []): Promise<Interactive> {
  const home = await makeHome('linphone');
  const file = join(home, 'linphonerc');
  // It makes its database there, but not the directory.
  await mkdir(join(home, '.local/share/linphone'), { recursive: true });
  await writeFile(file, configuration(name, `sip:127.0.0.1:${ports.sip};transport=tcp`));
  return startInteractive(home, 'linphonec', ['-c', file, ...more]);
}
