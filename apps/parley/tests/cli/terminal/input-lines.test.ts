import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { inputLines } from '../../../src/cli/terminal/input-lines.ts';

describe('what is typed', () => {
  it('is one line up to where it ends, whatever separators of Unicode stand in it, however it comes in pieces', async () => {
    const input = new PassThrough();
    const lines = inputLines(input);
    const said = Buffer.from('/to bob Grüße\u2028/nick Cook\u2029\u0085end\r\n\nlast');
    for (const octet of said) input.write(Buffer.of(octet));
    input.end();
    const read: string[] = [];
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) read.push(line.value);
    expect(read).toEqual(['/to bob Grüße\u2028/nick Cook\u2029\u0085end', '', 'last']);
  });

  it('waits until it is asked for, and ends when nobody wants more', async () => {
    const input = new PassThrough();
    const lines = inputLines(input);
    input.write('secret\nhello\n');
    expect(await lines.next()).toMatchObject({ value: 'secret' });
    expect(await lines.next()).toMatchObject({ value: 'hello' });
    lines.close();
    expect(await lines.next()).toMatchObject({ done: true });
  });
});
