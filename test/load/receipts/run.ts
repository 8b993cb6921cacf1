// Delivery notifications under kill -9: each message must have exactly one outcome at its sender.
import { parseArgs } from 'node:util';
import type { Victim } from './installation.ts';
import { trial } from './trial.ts';

const usage = `node_modules/.bin/node test/load/receipts/run.ts [options]
  --messages N (90000)  to one recipient    --lists N (1000)  to ten each, with ;summary
  --senders N (40)      --recipients N (100)  half of them away     --window N (4)  under way of each sender
  --rounds N (2)        how often each is killed                    --patience S (900)
  --lease MS (9000)     of shards, as an installation has it        --limit S (1200)     for all of it`;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '90000' },
    lists: { type: 'string', default: '1000' },
    senders: { type: 'string', default: '40' },
    recipients: { type: 'string', default: '100' },
    window: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '2' },
    patience: { type: 'string', default: '900' },
    lease: { type: 'string', default: '9000' },
    limit: { type: 'string', default: '1200' },
    help: { type: 'boolean', default: false },
  },
});

const round: readonly (readonly Victim[])[] = [
  ['notification'],
  ['first'],
  ['nats'],
  ['second', 'notification'],
  ['nats', 'first'],
];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (values.help) console.log(usage);
else {
  const begun = performance.now();
  const seconds = (): string => ((performance.now() - begun) / 1000).toFixed(0).padStart(5);
  const limit = setTimeout(
    () => {
      console.log(`${seconds()} s  did not end`);
      process.exit(1);
    },
    Number(values.limit) * 1000,
  );
  const report = await trial(
    {
      messages: Number(values.messages),
      lists: Number(values.lists),
      senders: Number(values.senders),
      recipients: Number(values.recipients),
      window: Number(values.window),
      lease: Number(values.lease),
      crashes: Array.from({ length: Number(values.rounds) }, () => round).flat(),
      patience: Number(values.patience) * 1000,
    },
    (text) => {
      console.log(`${seconds()} s  ${text}`);
    },
  );
  clearTimeout(limit);
  const { missing, several, strange, faults } = report;
  const shown = (names: readonly string[]): string => `${names.length} ${names.slice(0, 5).join(' | ')}`.trimEnd();
  console.log(`${seconds()} s  messages ${report.messages}, delivered ${report.delivered}, failed ${report.failed}`);
  console.log(
    `missing ${shown(missing)}\nseveral ${shown(several)}\nstrange ${shown(strange)}\nfaults ${shown(faults)}`,
  );
  console.log(`came again by the same names ${report.repeated}`);
  if (missing.length + several.length + strange.length + faults.length > 0) process.exitCode = 1;
}
