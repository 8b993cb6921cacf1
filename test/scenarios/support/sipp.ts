import { readFileSync } from 'node:fs';
import { eventually, freePort, startChild } from '@parley/testing';
import { runTool } from './tool.ts';
import type { Outcome } from './tool.ts';

const usual = ['-i', '127.0.0.1', '-nostdin', '-nd', '-timeout', '60', '-timeout_error', '-m', '1'];

function fileOf(scenario: string): string {
  return new URL(`../sipp/${scenario}.xml`, import.meta.url).pathname;
}

/** Plays one call of an XML scenario beside these tests, to its end. */
export function playSipp(scenario: string, port: number, more: readonly string[]): Promise<Outcome> {
  return runTool('sipp', [`127.0.0.1:${port}`, '-sf', fileOf(scenario), ...usual, ...more]);
}

/** A sipp that waits for one call. */
export interface WaitingSipp extends AsyncDisposable {
  readonly port: number;
  /** Exit code: 0 when the call went as the scenario says. */
  readonly ended: Promise<number | null>;
}

/** Waits for one call of a scenario over UDP, or over TCP. */
export async function waitInSipp(scenario: string, transport: 'u1' | 't1' = 'u1'): Promise<WaitingSipp> {
  const port = await freePort();
  const child = startChild('sipp', ['-sf', fileOf(scenario), '-p', String(port), '-t', transport, ...usual]);
  await eventually(() => {
    if (!isBound(port, transport)) throw new Error(`sipp does not listen: ${child.stderr}`);
  });
  return {
    port,
    ended: child.exited.then(({ code }) => code),
    [Symbol.asyncDispose]: async () => {
      await child.stop(2_000);
    },
  };
}

/** Whether somebody has a port of the loopback interface, as the kernel of Linux tells. */
function isBound(port: number, transport: 'u1' | 't1'): boolean {
  const place = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync(transport === 'u1' ? '/proc/net/udp' : '/proc/net/tcp', 'latin1').includes(` ${place} `);
}
