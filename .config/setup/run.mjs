// Entry of `npm start` and `npm test`: prepares a bare clone, then goes on under the pinned Node.
// Plain JavaScript without dependencies, because it runs before anything is installed, on any Node >= 20.
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { ensureNative } from './native.mjs';
import { ensureNats } from './nats.mjs';
import { follow } from './follow.mjs';
import { pinnedNode } from './pinned-node.mjs';
import { SetupError } from './setup-error.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const tasks = {
  start: 'apps/parley/src/main.ts',
  test: '.config/setup/test.mjs',
};

const say = (line) => process.stderr.write(`setup: ${line}\n`);

async function main([task, ...args]) {
  const entry = tasks[task];
  if (entry === undefined) throw new SetupError(`usage: node .config/setup/run.mjs ${Object.keys(tasks).join('|')}`);
  await ensureInstalled(root, say);
  const node = pinnedNode(root);
  await ensureNative(root, node, say);
  const path = await ensureNats(root, say);
  return follow(node, [`${root}${entry}`, ...args], { ...process.env, PATH: path });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
