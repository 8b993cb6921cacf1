import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';

interface Program {
  readonly process: ChildProcess;
  readonly stdout: Promise<string>;
  readonly stderr: Promise<string>;
  /** Its exit code. */
  readonly exit: Promise<number | null>;
}

function program(name: 'edge' | 'launcher', args: string[] = [], environment: Record<string, string> = {}): Program {
  const cwd = mkdtempSync(join(tmpdir(), 'parley-run-'));
  onTestFinished(() => {
    rmSync(cwd, { recursive: true });
  });
  const child = fork(join(import.meta.dirname, 'programs', `${name}.ts`), args, {
    cwd,
    env: { PATH: process.env['PATH'], PARLEY_SIP_PORT: '0', ...environment },
    execArgv: [],
    silent: true,
  });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return { process: child, stdout: text(child.stdout!), stderr: text(child.stderr!), exit };
}

describe('a service’s process', () => {
  it('tells its launcher when it is ready, and at SIGTERM drains, disposes and runs out of work', async () => {
    const edge = program('edge', [], { PARLEY_INSTANCE: 'edge-7', PARLEY_HEALTH_PORT: '0' });
    const [report] = (await once(edge.process, 'message')) as [{ ports: Record<string, number> }];
    expect(report).toMatchObject({ kind: 'ready', service: 'edge', instance: 'edge-7' });
    expect((await fetch(`http://127.0.0.1:${report.ports['health']!}/readyz`)).status).toBe(200);
    edge.process.kill('SIGTERM');
    expect(await edge.exit).toBe(0);
    expect(await edge.stdout).toBe('drained\ndisposed\n');
    expect(
      (await edge.stderr)
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { msg: string }).msg),
    ).toEqual(['ready', 'draining', 'stopped']);
  });

  it('drains when its launcher lets go of it', async () => {
    const edge = program('edge');
    await once(edge.process, 'message');
    edge.process.disconnect();
    expect([await edge.exit, await edge.stdout]).toEqual([0, 'drained\ndisposed\n']);
  });

  it('is not left behind when its launcher is killed', async () => {
    const launcher = program('launcher');
    launcher.process.stdout!.once('data', () => launcher.process.kill('SIGKILL'));
    // The output ends only when the service, which shares it, has ended too.
    expect(await launcher.stdout).toMatch(/^ready \d+\ndrained\ndisposed\n$/);
  });

  it('drains when the service itself asks for it, with the code that it names', async () => {
    const edge = program('edge', ['stop']);
    expect([await edge.exit, await edge.stdout]).toEqual([3, 'drained\ndisposed\n']);
  });

  it('says in one line which port is in use and which setting moves it', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const edge = program('edge', [], { PARLEY_SIP_PORT: String(port) });
    expect(await edge.exit).toBe(1);
    expect(await edge.stderr).toBe(
      `parley edge: 127.0.0.1:${port} is in use; stop what listens there, or set PARLEY_SIP_PORT to another port\n`,
    );
    squatter.close();
  });

  it('says in one line which setting is wrong', async () => {
    const edge = program('edge', [], { PARLEY_SIP_PORT: 'sip' });
    expect(await edge.exit).toBe(1);
    expect(await edge.stderr).toBe(
      'parley edge: PARLEY_SIP_PORT="sip" is not allowed: it must be a port, an integer from 0 to 65535\n',
    );
  });

  it('logs why else it could not start', async () => {
    const edge = program('edge', ['refuse']);
    expect(await edge.exit).toBe(1);
    expect(JSON.parse(await edge.stderr)).toMatchObject({ msg: 'could not start', err: { message: 'no store' } });
  });

  it('ends at an error that nobody handles, without a drain', async () => {
    const edge = program('edge', ['reject']);
    expect([await edge.exit, await edge.stdout]).toEqual([1, '']);
    expect(await edge.stderr).toContain('nobody handles this');
  });

  it('is cut off when its drain hangs', async () => {
    const edge = program('edge', ['hang'], { PARLEY_DRAIN_LIMIT: '1' });
    await once(edge.process, 'message');
    edge.process.kill('SIGTERM');
    expect(await edge.exit).toBe(1);
    expect(await edge.stderr).toContain('cut off');
  });

  it('exits at once when a person interrupts twice', async () => {
    const edge = program('edge', ['hang']);
    await once(edge.process, 'message');
    edge.process.stdout!.once('data', () => edge.process.kill('SIGINT'));
    edge.process.kill('SIGINT');
    expect([await edge.exit, await edge.stdout]).toEqual([1, 'drained\n']);
  });
});
