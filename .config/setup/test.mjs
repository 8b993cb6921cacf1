// What `npm test` does once dependencies, Node and NATS are there.
import { fileURLToPath } from 'node:url';
import { checks } from './checks.mjs';
import { capture } from './command.mjs';
import { closingLine } from './tally.mjs';
import { runVitest } from './vitest.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' };

async function runCheck({ name, command, args }) {
  const began = performance.now();
  const { ok, output } = await capture(command, args, { cwd: root, env: { ...env, NO_COLOR: '1' } });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'}  ${name} (${seconds} s)\n${ok ? '' : `${output}\n`}`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

/** Two lines of checks side by side: more would only make them wait for each other's memory and cores. */
async function runChecks() {
  const lines = checks(root).map(async (line) => {
    const counts = [];
    for (const check of line) counts.push(await runCheck(check));
    return counts;
  });
  return (await Promise.all(lines)).flat();
}

const filters = process.argv.slice(2);
const counts = filters.length > 0 ? [] : await runChecks();
counts.push(await runVitest(root, env, filters));
const { line, failed } = closingLine(counts);
process.stdout.write(`${line}\n`);
process.exitCode = failed > 0 ? 1 : 0;
