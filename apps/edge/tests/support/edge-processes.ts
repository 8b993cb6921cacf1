import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, startChild, startNats } from '@parley/testing';
import type { Child, NatsServer } from '@parley/testing';
import { expect } from 'vitest';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

/** Edges that run as processes of their own, so that they can be killed, beside a NATS of theirs. */
export class EdgeProcesses implements AsyncDisposable {
  readonly nats: NatsServer;
  private readonly dataDir: string;
  private readonly env: Readonly<Record<string, string>>;

  private constructor(nats: NatsServer, dataDir: string, env: Readonly<Record<string, string>>) {
    this.nats = nats;
    this.dataDir = dataDir;
    this.env = env;
  }

  /** @param env - settings of every edge, above those for alice and bob on a free port */
  static async open(env: Readonly<Record<string, string>> = {}): Promise<EdgeProcesses> {
    const nats = await startNats();
    return new EdgeProcesses(nats, await mkdtemp(join(tmpdir(), 'parley-edge-')), env);
  }

  /** Starts one that nobody waits for. */
  launch(port: number, more: Readonly<Record<string, string>> = {}): Child {
    return startChild(process.execPath, [main], {
      env: {
        PARLEY_NATS_URL: this.nats.url,
        PARLEY_SIP_PORT: String(port),
        PARLEY_SIPS_PORT: '0',
        PARLEY_SIP_WS_PORT: '0',
        PARLEY_DATA_DIR: this.dataDir,
        PARLEY_USERS: 'alice:secret,bob:secret',
        ...this.env,
        ...more,
      },
    });
  }

  /** Starts one; resolves when it accepts. */
  async start(port: number, more: Readonly<Record<string, string>> = {}): Promise<Child> {
    const child = this.launch(port, more);
    const isReady = (): void => {
      expect(child.stderr).toContain('"ready"');
    };
    try {
      await eventually(isReady, { within: 60_000 });
    } catch (error) {
      await child.stop();
      throw error;
    }
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.nats[Symbol.asyncDispose]();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
