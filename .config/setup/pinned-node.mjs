import { join } from 'node:path';
import { firstLine } from './command.mjs';
import { SetupError } from './setup-error.mjs';

/** Oldest Node that runs TypeScript sources without a flag. */
const oldest = [22, 18];

/** Path of the Node that runs this workspace: the pinned one, else the running one when it is new enough. */
export function pinnedNode(root) {
  const pinned = join(root, 'node_modules', '.bin', 'node');
  if (firstLine(pinned, ['--version']) !== undefined) return pinned;
  if (isNewEnough(process.versions.node)) return process.execPath;
  throw new SetupError(
    `There is no pinned Node for ${process.platform}/${process.arch}, and this one is ${process.version}. ` +
      `Parley needs Node ${oldest.join('.')} or newer here: install it (https://nodejs.org) and run the same command again.`,
  );
}

/** Whether a version such as `22.18.0` can run the sources as they are. */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}
