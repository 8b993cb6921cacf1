import { createPeerGuard } from '../src/node/index.ts';
import type { PeerPermit } from '../src/node/index.ts';

/* What the limits of peers cost a message: its octets and itself counted, against one reading of the clock. */

const rounds = 5;
const perRound = 1_000_000;

function nanoseconds(run: () => void): number {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    for (let i = 0; i < perRound; i++) run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, ((user + system) * 1000) / perRound);
  }
  return best;
}

const limits = { connectionMessages: 1e9, addressMessages: 1e9, connectionOctets: 1e12, addressOctets: 1e12 };
const guard = createPeerGuard({ limits });

function message(permit: PeerPermit | undefined): () => void {
  return () => {
    permit?.octets(500);
    permit?.message();
  };
}

const cases: Readonly<Record<string, () => void>> = {
  'a reading of the clock (baseline)': () => performance.now(),
  'a datagram': message(guard.datagrams('192.0.2.1')),
  'a message over a connection': message(guard.accept('192.0.2.2')),
};
let baseline = 0;
for (const [name, run] of Object.entries(cases)) {
  const cost = nanoseconds(run);
  if (baseline === 0) baseline = cost;
  console.log(`${name.padEnd(36)} ${cost.toFixed(0).padStart(5)} ns  ratio ${(cost / baseline).toFixed(1)}`);
}
