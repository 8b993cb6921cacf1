import { parleySettings } from '@parley/service';
import { freePort, startDns } from '@parley/testing';
import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { checkDns } from '../../src/cli/doctor/check-dns.ts';

/** What the doctor advises where DNS knows nothing of the domain. */
async function advice(publicHost: string): Promise<string> {
  using dns = await startDns({});
  const environment = { PARLEY_DOMAIN: 'example.net', PARLEY_DNS: dns.address, PARLEY_PUBLIC_HOST: publicHost };
  const [finding] = await checkDns(unwrap(parleySettings(environment)));
  return finding?.advice ?? '';
}

describe('parley doctor, of the records that others look for', () => {
  it('advises an SRV record with the name of the host', async () => {
    expect(await advice('im.example.net')).toMatch(/_sip\._tcp\.example\.net\. SRV 0 0 5060 im\.example\.net\./);
  });

  it.each([
    ['::1', 'example.net. AAAA ::1'],
    ['192.0.2.7', 'example.net. A 192.0.2.7'],
  ])('MUST NOT advise an address as target of one: %s (RFC 2782)', async (publicHost, record) => {
    const text = await advice(publicHost);
    expect(text).toMatch(/_sip\._tcp\.example\.net\. SRV 0 0 5060 example\.net\.;/);
    expect(text).toContain(record);
    expect(text).not.toContain(`${publicHost}.`);
  });

  it('says when no resolver answers, rather than that the domain has no records', async () => {
    const environment = { PARLEY_DOMAIN: 'example.net', PARLEY_DNS: `127.0.0.1:${await freePort()}` };
    const [finding] = await checkDns(unwrap(parleySettings(environment)));
    expect(finding).toMatchObject({
      state: 'problem',
      found: expect.stringMatching(/ECONNREFUSED|ETIMEOUT/) as string,
    });
  });
});
