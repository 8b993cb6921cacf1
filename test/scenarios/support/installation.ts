import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Child } from '@parley/testing';
import { eventually, startChild } from '@parley/testing';

/** Ports of a running installation, as `ports.json` tells them. */
export interface Ports {
  readonly sip: number;
  readonly sips: number;
  readonly sipWs: number;
  readonly msrp: number;
  readonly msrps: number;
  readonly msrpWs: number;
  readonly http: number;
  readonly nats: number;
}

/** Parley as `npm start` runs it, on free ports, in a directory of its own. */
export interface Installation extends AsyncDisposable {
  readonly ports: Ports;
  readonly dataDir: string;
  readonly launcher: Child;
  /** Bearer token of the HTTP API. */
  readonly token: string;
}

/** The workspace. */
export const root = new URL('../../..', import.meta.url).pathname;
const token = 'scenario-token';

/** Settings that let every port be chosen. */
export const anyPorts = {
  PARLEY_SIP_PORT: '0',
  PARLEY_SIPS_PORT: '0',
  PARLEY_SIP_WS_PORT: '0',
  PARLEY_MSRP_PORT: '0',
  PARLEY_MSRPS_PORT: '0',
  PARLEY_MSRP_WS_PORT: '0',
  PARLEY_HTTP_PORT: '0',
  PARLEY_NATS_PORT: '0',
};

/**
 * Starts Parley and waits until it is ready; alice, bob and carol have the password `secret`.
 *
 * @param environment - settings over those of the scenarios; a data directory given here is left to the giver
 */
export async function startParley(environment: Readonly<Record<string, string>> = {}): Promise<Installation> {
  const given = environment['PARLEY_DATA_DIR'];
  const dataDir = given ?? (await mkdtemp(join(tmpdir(), 'parley-scenario-')));
  const launcher = launch({
    PARLEY_USERS: 'alice:secret,bob:secret,carol:secret',
    PARLEY_ADMIN_TOKEN: token,
    PARLEY_LOG: 'warn',
    PARLEY_DATA_DIR: dataDir,
    ...environment,
  });
  const dispose = async (): Promise<void> => {
    await launcher.stop(30_000);
    if (given === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await readiness(launcher);
  } catch (error) {
    await dispose();
    throw error;
  }
  // Written by the launcher, whole, before it says that it is ready.
  const ports = JSON.parse(await readFile(join(dataDir, 'ports.json'), 'utf8')) as Ports;
  return { ports, dataDir, launcher, token, [Symbol.asyncDispose]: dispose };
}

/** Starts the launcher with these settings and no others, on ports that nobody chose. */
export function launch(settings: Readonly<Record<string, string>>): Child {
  return startChild(process.execPath, ['apps/parley/src/main.ts'], {
    cwd: root,
    env: { ...withoutSettings(), ...anyPorts, ...settings },
  });
}

async function readiness(launcher: Child): Promise<void> {
  const ready = eventually(
    () => {
      if (!/^parley ready$/m.test(launcher.stdout)) throw new Error(`not ready: ${launcher.stderr.slice(-2000)}`);
    },
    { within: 60_000, every: 50 },
  );
  const ended = launcher.exited.then(({ code }) => {
    throw new Error(`ended with ${String(code)} before it was ready: ${launcher.stderr.slice(-2000)}`);
  });
  await Promise.race([ready, ended]);
}

/** Environment that unsets what the machine that runs the tests has set for its own Parley. */
export function withoutSettings(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('PARLEY_'));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
