import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { watchTlsFiles } from '../../src/node/index.ts';
import { selfSigned } from './self-signed.ts';

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'tls-'));
  const files = { cert: join(path, 'tls.crt'), key: join(path, 'tls.key') };
  const put = async (name: 'cert' | 'key', text: string): Promise<void> => {
    await writeFile(`${files[name]}.new`, text);
    await rename(`${files[name]}.new`, files[name]);
  };
  return { files, put, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

describe('PEM files', () => {
  it('are read again when they change, and stay as they were while they do not fit together', async () => {
    await using place = await folder();
    const [before, after] = [selfSigned(), selfSigned()];
    await place.put('cert', before.cert);
    await place.put('key', before.key);
    let failed = (_error: unknown): void => {};
    const failure = new Promise((resolve) => (failed = resolve));
    using identity = await watchTlsFiles(place.files, {
      interval: 10,
      onFailure: (error) => {
        failed(error);
      },
    });
    const change = new Promise((resolve) => identity.onChange(resolve));
    await place.put('cert', after.cert);
    expect(String(await failure)).toMatch(/key values mismatch/);
    expect(identity.current).toEqual({ cert: before.cert, key: before.key });
    await place.put('key', after.key);
    expect(await change).toEqual({ cert: after.cert, key: after.key });
    expect(identity.current.cert).toBe(after.cert);
  });

  it('stop the start when they cannot be used', async () => {
    await using place = await folder();
    await expect(watchTlsFiles(place.files)).rejects.toThrow(/ENOENT/);
  });
});
