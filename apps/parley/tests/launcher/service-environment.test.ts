import { unwrap } from '@parley/prelude';
import { parleySettings } from '@parley/service';
import type { Environment } from '@parley/service';
import { describe, expect, it } from 'vitest';
import { serviceEnvironment } from '../../src/launcher/service-environment.ts';

function made(environment: Environment, natsToken?: string): Environment {
  return serviceEnvironment({
    environment,
    settings: unwrap(parleySettings(environment)),
    nats: natsToken === undefined ? undefined : { token: natsToken, storeOctets: 8_388_608 },
    adminToken: { value: 'T0KEN', isNew: false },
    ports: { sip: 40_001, nats: 40_002 },
  });
}

describe('the environment of a service', () => {
  it('is accepted by the service that reads it', () => {
    expect(parleySettings(made({ PARLEY_DOMAIN: 'example.net' }, 'secret')).ok).toBe(true);
  });

  it('holds the ports chosen before, so that a restart does not move them', () => {
    expect(made({ PARLEY_SIP_PORT: '0' })).toMatchObject({ PARLEY_SIP_PORT: '40001' });
  });

  it('names the private NATS with its token, or leaves the one that was given alone', () => {
    expect(made({}, 'secret')['PARLEY_NATS_URL']).toBe('nats://secret@127.0.0.1:40002');
    expect(made({ PARLEY_NATS_URL: 'nats://elsewhere:4222' })['PARLEY_NATS_URL']).toBe('nats://elsewhere:4222');
  });

  it('says what the private NATS may fill, for streams to share', () => {
    expect(unwrap(parleySettings(made({}, 'secret'))).storeOctets).toBe(8_388_608);
    expect(unwrap(parleySettings(made({}))).storeOctets).toBeUndefined();
  });

  it('holds demo accounts on loopback only, and none when accounts were given', () => {
    expect(made({})['PARLEY_USERS']).toBe('alice:secret,bob:secret,carol:secret');
    expect(made({ PARLEY_HOST: '0.0.0.0' })['PARLEY_USERS']).toBeUndefined();
    expect(made({ PARLEY_USERS: 'dora:pass' })['PARLEY_USERS']).toBe('dora:pass');
  });
});
