import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const collect: () => void = exposedGc();

function exposedGc(): () => void {
  setFlagsFromString('--expose-gc');
  // The flag puts it into every context that is made from now on.
  return runInNewContext('gc') as () => void;
}

/** Octets of heap that are alive, whatever waited to be collected. */
export function heapOctets(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
