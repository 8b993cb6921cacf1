import { startNats } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { guardPid, natsPid, processesOf, say, until } from '../fixtures/fleet-process.ts';
import { launcherBench, portOf } from '../fixtures/launcher-bench.ts';

const bench = launcherBench();

describe('a run', () => {
  it('starts a crashed service again, on the port that it had', async () => {
    const launcher = await bench.running();
    const port = portOf(launcher, 'sip');
    const before = await say(port, 'who');
    await say(port, 'crash').catch(() => '');
    await until(() =>
      say(port, 'who').then(
        (pid) => pid !== before,
        () => false,
      ),
    );
    expect(launcher.ports()['sip']).toBe(port);
    expect(launcher.stderr()).toContain('edge ended (SIGABRT); starting it again in 200 ms');
  });

  it.each(['the server', 'its guard'])(
    'starts NATS again, on the port that it had, when %s is killed',
    async (which) => {
      const launcher = await bench.running();
      const port = portOf(launcher, 'nats');
      const server = natsPid(bench.path);
      process.kill(which === 'the server' ? server : guardPid(bench.path), 'SIGKILL');
      await until(() => natsPid(bench.path) !== server);
      await until(() =>
        say(port, '').then(
          (answer) => answer.startsWith('INFO'),
          () => false,
        ),
      );
      expect(processesOf(bench.path)).not.toContain(server);
    },
  );
});

describe('a run on a NATS that was given', () => {
  it('leaves that NATS alone, and still no process behind when the launcher is killed', async () => {
    await using nats = await startNats();
    const launcher = await bench.running({ PARLEY_NATS_URL: nats.url });
    expect(portOf(launcher, 'nats')).toBe(nats.port);
    expect(launcher.journal()).toContain(`console sees nats ${nats.url}`);
    launcher.child.kill('SIGKILL');
    await until(() => processesOf(bench.path).length === 0);
    expect(await say(nats.port, '')).toMatch(/^INFO/);
  });
});
