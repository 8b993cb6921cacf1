import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNats, isNewEnough, searchPath } from '../../.config/setup/nats.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-nats-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function program(version: string): string {
  const file = join(folder, 'nats-server');
  writeFileSync(file, `#!/bin/sh\necho 'nats-server: v${version}'\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('the search for NATS', () => {
  it.each([
    ['nats-server: v2.9.10', true],
    ['nats-server: v2.14.7', true],
    ['nats-server: v3.0.0', true],
    ['nats-server: v2.1.2', false],
    ['nats-server: v1.4.1', false],
    ['something else', false],
    [undefined, false],
  ])('takes %j: %j', (line, usable) => {
    expect(isNewEnough(line)).toBe(usable);
  });

  it('passes over a server without the JetStream that is needed', () => {
    program('2.1.2');
    expect(findNats(folder)).toBeUndefined();
    expect(findNats([folder, '/nowhere'].join(delimiter))).toBeUndefined();
  });

  it('finds a server that a distribution has put beside the daemons', () => {
    const file = program('2.9.10');
    expect(findNats(['/nowhere', folder].join(delimiter))).toBe(file);
    expect(searchPath('/clone/', '/usr/bin').split(delimiter)).toEqual([
      '/clone/node_modules/.bin',
      '/usr/bin',
      '/usr/local/sbin',
      '/usr/sbin',
      '/sbin',
    ]);
  });
});
