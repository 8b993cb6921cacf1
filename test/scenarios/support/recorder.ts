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
  /** How many frames each of several display filters lets through, found in one pass. */
  counts<K extends string>(filters: Readonly<Record<K, string>>): Promise<Readonly<Record<K, number>>>;
}

/** Records SIP and MSRP of an installation, over TCP, UDP and WebSockets without TLS. */
export async function record({ ports, dataDir }: Installation): Promise<Recording> {
  const file = join(dataDir, 'recording.pcapng');
  const filter = [ports.sip, ports.msrp, ports.sipWs, ports.msrpWs].map((port) => `port ${port}`).join(' or ');
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
    counts: async (filters) => {
      const kinds = Object.keys(filters) as (keyof typeof filters)[]; // its own keys
      const statistics = ['io', 'stat', '0', ...kinds.map((kind) => filters[kind])].join(',');
      const { code, stdout, stderr } = await runTool('tshark', [
        '-r',
        file,
        ...decodings(ports),
        '-q',
        '-z',
        statistics,
      ]);
      if (code !== 0) throw new Error(`tshark: ${stderr}`);
      // | 0.0 <> 5.0 | frames | bytes | frames | bytes | …
      const row = stdout.split('\n').find((line) => line.includes('<>')) ?? '';
      const cells = row.split('|').slice(2);
      return Object.fromEntries(kinds.map((kind, at) => [kind, Number(cells[2 * at])])) as Record<
        keyof typeof filters,
        number
      >;
    },
  };
}

/** The ports are not the usual ones, so their protocols must be told. */
function decodings({ sip, msrp, sipWs, msrpWs }: Ports): readonly string[] {
  const known = [`tcp.port==${sip},sip`, `udp.port==${sip},sip`, `tcp.port==${msrp},msrp`];
  const webs = [sipWs, msrpWs].map((port) => `tcp.port==${port},http`);
  return [...known, ...webs].flatMap((one) => ['-d', one]);
}
