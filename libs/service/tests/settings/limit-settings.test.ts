import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { parleySettings } from '../../src/index.ts';

function complaint(environment: Readonly<Record<string, string>>): string {
  const read = parleySettings(environment);
  return read.ok ? '' : read.error.message;
}

describe('The settings of limits', () => {
  it('trust this machine alone unless somebody is named', () => {
    expect(unwrap(parleySettings({})).limits.trustedHosts).toEqual(['127.0.0.0/8', '::1']);
    const named = unwrap(parleySettings({ PARLEY_TRUSTED_HOSTS: '192.0.2.0/24, 2001:db8::/32 ,198.51.100.7' }));
    expect(named.limits.trustedHosts).toEqual(['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']);
  });

  it.each(['example.net', '192.0.2.0/33', '2001:db8::/129', '192.0.2.0/24/8', '192.0.2/24', '192.0.2.0/x'])(
    'refuse %s as a network',
    (text) => {
      expect(complaint({ PARLEY_TRUSTED_HOSTS: text })).toMatch(/must be a comma-separated list; each item an IP/);
    },
  );

  it('switch a rate, a lock and the care for overload off by 0', () => {
    const { limits } = unwrap(
      parleySettings({ PARLEY_ADDRESS_MESSAGES: '0', PARLEY_LOCKOUT_TRIES: '0', PARLEY_OVERLOAD_DELAY: '0' }),
    );
    expect([limits.addressMessages, limits.lockout.pair, limits.overloadDelay]).toEqual([0, 0, 0]);
    expect(complaint({ PARLEY_CONNECTIONS: '0' })).toMatch(/from 1 to/);
  });
});

describe('The settings of bearer tokens', () => {
  it('take none unless an issuer is named', () => {
    expect(unwrap(parleySettings({ PARLEY_OIDC_AUDIENCE: 'x' })).oidc).toBeUndefined();
    expect(unwrap(parleySettings({ PARLEY_OIDC_ISSUER: 'https://id.example.com' })).oidc).toEqual({
      issuer: 'https://id.example.com',
      audience: undefined,
      jwks: undefined,
      claim: 'preferred_username',
      scope: undefined,
    });
    expect(complaint({ PARLEY_OIDC_ISSUER: 'id.example.com' })).toMatch(/must be a URL/);
  });
});
