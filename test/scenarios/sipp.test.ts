import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startPhone } from './support/phone.ts';
import { hasTool, runTool } from './support/tool.ts';
import type { Outcome } from './support/tool.ts';

/** Runs one of the XML scenarios beside this file. */
function runSipp({ ports }: Installation, scenario: string, more: readonly string[]): Promise<Outcome> {
  const file = new URL(`sipp/${scenario}.xml`, import.meta.url).pathname;
  const usual = ['-i', '127.0.0.1', '-nostdin', '-nd', '-timeout', '60', '-timeout_error'];
  return runTool('sipp', [`127.0.0.1:${ports.sip}`, '-sf', file, ...usual, ...more]);
}

describe.skipIf(!hasTool('sipp'))('sipp', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley();
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it.each([
    ['UDP', 'u1'],
    ['TCP', 't1'],
  ])('registers with digest and sends messages with digest over %s (RFC 3261 §22)', async (_, transport) => {
    await using bob = await startPhone(parley.ports, 'bob');
    const { code, stdout } = await runSipp(parley, 'register-and-message', ['-t', transport, '-m', '20', '-r', '50']);
    expect([code, stdout.slice(-2000)]).toEqual([0, expect.any(String)]);
    expect(bob.texts.map((text) => text.trim()).sort()).toEqual(
      Array.from({ length: 20 }, (_unused, index) => `number ${index + 1} of sipp`).sort(),
    );
  });
});
