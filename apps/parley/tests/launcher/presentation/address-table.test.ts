import { parleySettings } from '@parley/service';
import type { Environment, ParleySettings } from '@parley/service';
import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { addressTable } from '../../../src/launcher/presentation/address-table.ts';

const settings = (environment: Environment = {}): ParleySettings => unwrap(parleySettings(environment));
const ports = { sip: 5060, http: 8080, nats: 4222 };

describe('the address table', () => {
  it('shows addresses, accounts and what to try next', () => {
    const table = addressTable(settings(), ports, { value: 'T0KEN', isNew: true });
    expect(table).toContain('sip:127.0.0.1:5060');
    expect(table).toContain('http://127.0.0.1:8080/');
    expect(table).toContain('alice, bob, carol; the password of each is "secret"');
    expect(table).toContain('T0KEN (kept in .parley/admin-token)');
    expect(table).toContain("npx parley room create lobby welcome='Hello'   # a room at sip:lobby@chat.localhost");
  });

  it('offers no demo account and shows no token where others can reach the server', () => {
    const table = addressTable(settings({ PARLEY_HOST: '0.0.0.0', PARLEY_PUBLIC_HOST: '198.51.100.7' }), ports, {
      value: 'T0KEN',
      isNew: true,
    });
    expect(table).toContain('sip:198.51.100.7:5060');
    expect(table).not.toMatch(/alice|T0KEN/);
    expect(table).toContain('none yet: npx parley user add NAME');
  });

  it('puts an IPv6 address in brackets', () => {
    expect(addressTable(settings({ PARLEY_HOST: '::1' }), ports, undefined)).toContain('sip:[::1]:5060');
  });
});
