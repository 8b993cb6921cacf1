import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ports } from './installation.ts';
import type { Interactive } from './interactive.ts';
import { makeHome, startInteractive } from './interactive.ts';

/** Text messages only: no audio, no video, no STUN. */
const configuration = `sip_listen 127.0.0.1:0
module_path /usr/lib/baresip/modules
module stdio.so
module_tmp uuid.so
module_tmp account.so
module_app contact.so
module_app menu.so
`;

/**
 * Starts baresip for one account over TCP; its first contact is the one it writes to.
 *
 * @param parameters - of the account, besides its password
 * @param uuid - of the device, `+sip.instance`; a new one where none is given
 */
export async function startBaresip(
  ports: Ports,
  name: string,
  contact: string,
  parameters = '',
  uuid = randomUUID(),
): Promise<Interactive> {
  const home = await makeHome('baresip');
  const server = `127.0.0.1:${ports.sip};transport=tcp`;
  await Promise.all([
    writeFile(join(home, 'config'), configuration),
    writeFile(join(home, 'accounts'), `<sip:${name}@${server}>;auth_pass=secret;regint=600${parameters}\n`),
    writeFile(join(home, 'contacts'), `<${contact}>\n`),
    writeFile(join(home, 'uuid'), uuid),
  ]);
  return startInteractive(home, 'baresip', ['-f', home, '-s']);
}
