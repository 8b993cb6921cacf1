import { describe, expect, it } from 'vitest';
import { processesOf, until } from '../fixtures/fleet-process.ts';
import { launcherBench, services } from '../fixtures/launcher-bench.ts';
import { natsRequest } from '../fixtures/nats-request.ts';

const bench = launcherBench();

describe('an end', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('on %s drains the services one by one, the edge first', async (signal) => {
    const launcher = await bench.running();
    launcher.child.kill(signal);
    const { code } = await launcher.ended;
    expect(code).toBe(0);
    expect(launcher.journal().filter((line) => line.endsWith('drained'))).toEqual(
      services.toReversed().map((name) => `${name} drained`),
    );
    expect(processesOf(bench.path)).toEqual([]);
  });

  it('takes ports.json away, for it tells of a running installation', async () => {
    const launcher = await bench.running();
    launcher.child.kill('SIGTERM');
    await launcher.ended;
    expect(() => launcher.ports()).toThrow('ENOENT');
  });

  it('leaves no process behind when the launcher is killed, and the next start finds everything in order', async () => {
    const launcher = await bench.running();
    launcher.child.kill('SIGKILL');
    await launcher.ended;
    const next = await bench.running();
    const left = processesOf(bench.path).filter((pid) => pid === launcher.child.pid);
    expect(left).toEqual([]);
    expect(launcher.journal().filter((line) => line === 'edge drained')).toHaveLength(1);
    expect(next.stdout()).toContain('parley ready\n');
  });

  it('keeps what was stored when the launcher is killed', async () => {
    const stream = '{"name":"kept","subjects":["kept.>"],"storage":"file"}';
    const first = await bench.running();
    expect(await natsRequest(first, '$JS.API.STREAM.CREATE.kept', stream)).toContain('"name":"kept"');
    expect(await natsRequest(first, 'kept.one', 'a message')).toContain('"seq":1');
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await bench.running();
    expect(await natsRequest(second, '$JS.API.STREAM.INFO.kept', '')).toContain('"messages":1');
  });

  it('ends even a service that hangs when the launcher is killed', async () => {
    const launcher = bench.start(['focus', 'hanging'], { PARLEY_DRAIN_LIMIT: '1' });
    await launcher.ready;
    launcher.child.kill('SIGKILL');
    await until(() => processesOf(bench.path).length === 0);
    expect(launcher.journal()).toEqual(['focus ready', 'focus drained']);
  });

  it('in the middle of a start stops what has been started', async () => {
    const launcher = bench.start(['focus', 'never-ready', 'edge']);
    await until(() => launcher.journal().length > 0);
    launcher.child.kill('SIGINT');
    const { code } = await launcher.ended;
    expect(code).toBe(0);
    expect(processesOf(bench.path)).toEqual([]);
  });
});
