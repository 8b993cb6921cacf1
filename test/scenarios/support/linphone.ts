import { createHash } from 'node:crypto';
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
[misc]
uuid=${deviceOf(name)}
[auth_info_0]
username=${name}
passwd=secret
realm=localhost
`;

/** One device for each name, however often it is started. */
function deviceOf(name: string): string {
  const digits = createHash('sha256').update(name).digest('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

/**
 * Starts linphone's console for one account over TCP.
 *
 * @param more - further arguments of its command line
 * @param preload - a library that is loaded before its own
 */
export async function startLinphone(
  ports: Ports,
  name: string,
  more: readonly string[] = [],
  preload?: string,
): Promise<Interactive> {
  const home = await makeHome('linphone');
  const file = join(home, 'linphonerc');
  // It makes its database there, but not the directory.
  await mkdir(join(home, '.local/share/linphone'), { recursive: true });
  await writeFile(file, configuration(name, `sip:127.0.0.1:${ports.sip};transport=tcp`));
  const preloaded = preload === undefined ? [] : [`LD_PRELOAD=${preload}`];
  return startInteractive(home, 'env', [...preloaded, 'linphonec', '-c', file, ...more]);
}
