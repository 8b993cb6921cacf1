import { portableCodec, randomToken } from '@parley/prelude';
import { randomBytes } from 'node:crypto';
import { nodeBytes, SystemClock, systemRandom } from '../src/index.ts';

/** Calls per second; the best of five, since the machine is shared. */
function rate(calls: number, work: (call: number) => unknown): number {
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    for (let call = 0; call < calls; call++) work(call);
    best = Math.max(best, (calls / (performance.now() - start)) * 1000);
  }
  return best;
}

/** Runs each case and shows it beside the first. */
function compare(title: string, calls: number, cases: Readonly<Record<string, (call: number) => unknown>>): void {
  console.log(title);
  let baseline: number | undefined;
  for (const [name, work] of Object.entries(cases)) {
    const measured = rate(calls, work);
    baseline ??= measured;
    console.log(
      `  ${name.padEnd(34)} ${(measured / 1e6).toFixed(2).padStart(7)} M/s   ${(measured / baseline).toFixed(2)}`,
    );
  }
}

const head = nodeBytes.encodeLatin1('Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK776asdhds\r\n'.repeat(10));
const decoder = new TextDecoder('latin1');

compare(`decodeLatin1, ${head.length} octets`, 200_000, {
  nodeBytes: () => nodeBytes.decodeLatin1(head, 0, head.length),
  'Buffer.from(view).toString': () => Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1'),
  'TextDecoder (windows-1252)': () => decoder.decode(head),
  portableCodec: () => portableCodec.decodeLatin1(head, 0, head.length),
});

const target = new Uint8Array(1024);
const text = nodeBytes.decodeLatin1(head, 0, head.length);
compare('writeLatin1, the same', 200_000, {
  nodeBytes: () => nodeBytes.writeLatin1(text, target, 0),
  portableCodec: () => portableCodec.writeLatin1(text, target, 0),
});

const blankLine = nodeBytes.encodeLatin1('\r\n\r\n');
compare('indexOf, absent', 200_000, {
  nodeBytes: () => nodeBytes.indexOf(head, blankLine, 0),
  portableCodec: () => portableCodec.indexOf(head, blankLine, 0),
});

compare('a token of 26 characters', 200_000, {
  systemRandom: () => randomToken(systemRandom, 26),
  'randomBytes each time': () => randomToken({ bytes: randomBytes }, 26),
});

const clock = new SystemClock();
const ignore = (): void => {};
compare('arm and cancel a timer', 200_000, {
  SystemClock: () => {
    clock.after(32_000, ignore)();
  },
  'setTimeout and clearTimeout': () => {
    clearTimeout(setTimeout(ignore, 32_000));
  },
});
