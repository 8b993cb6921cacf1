import { fileURLToPath } from 'node:url';
import { systemClock } from '@parley/service';
import { describe, expect, it } from 'vitest';
import { startChild } from '../../../src/launcher/supervision/child.ts';
import { servicePolicy } from '../../../src/launcher/supervision/restart-policy.ts';
import { SupervisedProcess } from '../../../src/launcher/supervision/supervised-process.ts';

type Heard = readonly [what: string, ...rest: unknown[]];

/** Supervises a fixture and collects what its watcher hears. */
function supervise(
  fixture: string,
  policy = servicePolicy(500),
): { process: SupervisedProcess; hears: (what: string) => Promise<Heard> } {
  const heard: Heard[] = [];
  let wake = (): void => {};
  const tell = (...event: Heard): void => {
    heard.push(event);
    wake();
  };
  const watcher = {
    onReady: (name: string): void => {
      tell('ready', name);
    },
    onFailed: (_: string, how: string): void => {
      tell('failed', how);
    },
    onRestart: (_: string, how: string): void => {
      tell('restart', how);
    },
    onPid: (): void => {},
  };
  const script = fileURLToPath(new URL(`../../fixtures/${fixture}.ts`, import.meta.url));
  const command = () => ({ script, args: [], environment: { PATH: process.env['PATH'] } });
  const hears = async (what: string): Promise<Heard> => {
    for (;;) {
      const found = heard.findIndex(([kind]) => kind === what);
      const [event] = found < 0 ? [] : heard.splice(found, 1);
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    process: new SupervisedProcess({ name: fixture, policy, command }, watcher, systemClock, startChild),
    hears,
  };
}

describe('a supervised process', () => {
  it('is started again when it is killed, and stays away when it is stopped', async () => {
    const { process: focus, hears } = supervise('focus');
    await hears('ready');
    const before = focus.pid;
    focus.kill();
    expect(await hears('restart')).toEqual(['restart', 'SIGKILL']);
    await hears('ready');
    expect(focus.pid).not.toBe(before);
    await focus.stop();
    expect(focus.pid).toBeUndefined();
  });

  it('is killed when it does not drain', async () => {
    const { process: hanging, hears } = supervise('hanging', { ...servicePolicy(0), drainDeadline: 100 });
    await hears('ready');
    await hanging.stop();
    expect(hanging.pid).toBeUndefined();
  });

  it('is killed when it does not become ready, and that is a failure', async () => {
    const { hears } = supervise('never-ready', { ...servicePolicy(0), startDeadline: 100 });
    expect(await hears('failed')).toEqual(['failed', 'SIGKILL']);
  });

  it('that ends before it is ready has failed', async () => {
    const { hears } = supervise('failing');
    expect(await hears('failed')).toEqual(['failed', 'exit code 1']);
  });
});
