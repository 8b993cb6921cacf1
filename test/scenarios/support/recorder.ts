import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '@parley/testing';
import { eventually, startChild } from '@parley/testing';
import type { Installation, Ports } from './installation.ts';
import { hasTool, runTool } from './tool.ts';
import { ask } from './wire.ts';

/** Whether this machine lets us record its loopback interface. */
export function canRecord(): boolean {
  if (!hasTool('tshark')) return false;
  try {
    execFileSync('dumpcap', ['-q', '-i', 'lo', '-a', 'duration:1', '-w', '/dev/null'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A recording of what went through the ports of an installation. */
export interface Recording {
  /** Ends it; what was on its way by then is in it. */
  stop(): Promise<void>;
  /** One line per frame that the display filter lets through, with these fields separated by tabs. */
  frames(filter: string, ...fields: readonly string[]): Promise<readonly string[]>;
}

/** Records SIP and MSRP of an installation. */
export async function record({ ports, dataDir }: Installation): Promise<Recording> {
  const file = join(dataDir, 'recording.pcapng');
  const filter = `port ${ports.sip} or port ${ports.msrp}`;
  const child: Child = startChild('tshark', ['-i', 'lo', '-q', '-w', file, '-f', filter]);
  await eventually(() => {
    if (!child.stderr.includes('Capture started')) throw new Error(`no recording: ${child.stderr}`);
  });
  return {
    stop: async () => {
      // The kernel hands frames over in batches: once the last one is in the file, all are.
      const mark = 'end-of-recording';
      await ask(ports.sip, { method: 'OPTIONS', uri: 'sip:localhost', lines: { 'Call-ID': mark } });
      await eventually(() => {
        if (!readFileSync(file).includes(mark)) throw new Error('the recording has not come to its end');
      });
      child.kill('SIGINT');
      await child.exited;
    },
    frames: async (display, ...fields) => {
      const shown = fields.flatMap((field) => ['-e', field]);
      const args = ['-r', file, ...decodings(ports), '-Y', display, '-T', 'fields', ...shown];
      const { code, stdout, stderr } = await runTool('tshark', args);
      if (code !== 0) throw new Error(`tshark: ${stderr}`);
      return stdout.split('\n').filter((line) => line !== '');
    },
  };
}

/** The ports are not the usual ones, so their protocols must be told. */
function decodings({ sip, msrp }: Ports): readonly string[] {
  return ['-d', `tcp.port==${sip},sip`, '-d', `udp.port==${sip},sip`, '-d', `tcp.port==${msrp},msrp`];
}
