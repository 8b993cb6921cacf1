import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '@parley/prelude';
import { afterAll, describe, expect, it } from 'vitest';
import { checkTlsFiles, ownCertificate, parleySettings } from '../../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-tls-'));
const made = async (name: string): Promise<string> =>
  (await ownCertificate(unwrap(parleySettings({ PARLEY_DATA_DIR: join(folder, name) })), Date.now())).cert;
const own = await made('own');
const other = await made('other');
const garbage = join(folder, 'garbage.pem');
writeFileSync(garbage, 'nothing of the kind\n');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the PEM files that settings name', () => {
  it.each([
    ['PARLEY_TLS_CERT', { cert: join(folder, 'none.pem'), key: own }],
    ['PARLEY_TLS_CERT', { cert: garbage, key: own }],
    ['PARLEY_TLS_KEY', { cert: own, key: join(folder, 'none.pem') }],
    ['PARLEY_TLS_KEY', { cert: own, key: garbage }],
    ['PARLEY_TLS_KEY', { cert: own, key: other }],
  ])('are refused by %s, in one line that names it and the file: %j', (variable, tls) => {
    const complaint = checkTlsFiles({ tls });
    expect(complaint?.variable).toBe(variable);
    expect(complaint?.message).toMatch(/^PARLEY_TLS_\w+="[^"]+\.pem" is not allowed: it must be [^\n]+$/);
  });

  it('may be missing for authorities no more than for ourselves', () => {
    expect(checkTlsFiles({ tls: undefined, tlsCa: garbage })?.variable).toBe('PARLEY_TLS_CA');
    expect(checkTlsFiles({ tls: undefined, tlsCa: own })).toBeUndefined();
  });

  it('are fine when they fit, and when there are none', () => {
    expect(checkTlsFiles({ tls: { cert: own, key: own } })).toBeUndefined();
    expect(checkTlsFiles({ tls: undefined })).toBeUndefined();
  });

  it('stop a service that is started alone by the same line', async () => {
    const settings = unwrap(parleySettings({ PARLEY_TLS_CERT: garbage, PARLEY_TLS_KEY: own }));
    await expect(ownCertificate(settings, Date.now())).rejects.toMatchObject({ kind: 'SettingError' });
  });
});
