import { join } from 'node:path';
import { capture } from './command.mjs';

const builder = join('libs', 'sip-stack', 'src', 'node', 'native', 'build-native.ts');

/** Has the add-on of the SIP transports compiled where that is possible; without it Node's own sockets serve. */
export async function ensureNative(root, node, say, run = capture) {
  if (process.platform !== 'linux' || process.env['PARLEY_NATIVE_SOCKETS'] === 'off') return;
  const { ok, output } = await run(node, [join(root, builder)]);
  if (!ok) say(`SIP over UDP and TCP goes through Node's own sockets, which cost more: ${output.trim()}`);
}
