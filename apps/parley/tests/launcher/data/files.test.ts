import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removePortsFile, writePortsFile } from '../../../src/launcher/data/ports-file.ts';
import { keepSecret } from '../../../src/launcher/data/secret-file.ts';
import { scratchDir } from '../../fixtures/fleet-process.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.remove();
});

describe('a secret in a file', () => {
  it('is made once and then kept', () => {
    const file = join(scratch.path, 'token');
    const { value, isNew } = keepSecret(file);
    expect([value.length, isNew]).toEqual([32, true]);
    expect(keepSecret(file)).toEqual({ value, isNew: false });
  });

  it('is readable by its owner alone, also when somebody has opened it up', () => {
    const file = join(scratch.path, 'token');
    writeFileSync(file, 'chosen by hand\n');
    chmodSync(file, 0o644);
    expect(keepSecret(file).value).toBe('chosen by hand');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('that is empty is made anew', () => {
    const file = join(scratch.path, 'token');
    writeFileSync(file, '\n');
    expect(keepSecret(file).isNew).toBe(true);
  });
});

describe('ports.json', () => {
  it('lists the known listeners in a fixed order', () => {
    writePortsFile(scratch.path, { nats: 4222, http: 8080, sip: 5060 });
    expect(readFileSync(join(scratch.path, 'ports.json'), 'utf8')).toBe('{"sip":5060,"http":8080,"nats":4222}\n');
    expect(readdirSync(scratch.path)).toEqual(['ports.json']);
  });

  it('may be removed when it is not there', () => {
    removePortsFile(scratch.path);
    expect(readdirSync(scratch.path)).toEqual([]);
  });
});
