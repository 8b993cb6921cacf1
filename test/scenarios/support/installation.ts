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

const root = new URL('../../..', import.meta.url).pathname;
const token = 'scenario-token';

/** Ports that nobody chose. */
const anyPorts = {
  PARLEY_SIP_PORT: '0',
  PARLEY_SIPS_PORT: '0',
  PARLEY_SIP_WS_PORT: '0',
  PARLEY_MSRP_PORT: '0',
  PARLEY_MSRPS_PORT: '0',
  PARLEY_MSRP_WS_PORT: '0',
  PARLEY_HTTP_PORT: '0',
  PARLEY_NATS_PORT: '0',
};

/** Starts Parley and waits until it is ready; alice, bob and carol have the password `secret`. */
export async function startParley(environment: Readonly<Record<string, string>> = {}): Promise<Installation> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-scenario-'));
  const launcher = startChild(process.execPath, ['apps/parley/src/main.ts'], {
    cwd: root,
    env: {
      ...cleared(),
      ...anyPorts,
      PARLEY_USERS: 'alice:secret,bob:secret,carol:secret',
      PARLEY_ADMIN_TOKEN: token,
      PARLEY_LOG: 'warn',
      PARLEY_DATA_DIR: dataDir,
      ...environment,
    },
  });
  await eventually(
    () => {
      if (!/^parley ready$/m.test(launcher.stdout)) throw new Error(`not ready: ${launcher.stderr.slice(-2000)}`);
    },
    { within: 60_000, every: 50 },
  );
  // Written by the launcher, whole, before it says that it is ready.
  const ports = JSON.parse(await readFile(join(dataDir, 'ports.json'), 'utf8')) as Ports;
  return {
    ports,
    dataDir,
    launcher,
    token,
    [Symbol.asyncDispose]: async () => {
      await launcher.stop(30_000);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The settings of the machine that runs the tests are not those of the installation. */
function cleared(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('PARLEY_'));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
