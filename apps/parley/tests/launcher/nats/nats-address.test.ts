import { describe, expect, it } from 'vitest';
import { natsAddress } from '../../../src/launcher/nats/nats-address.ts';

describe('the address in a NATS URL', () => {
  it.each([
    ['nats://token@10.0.0.1:4223', '10.0.0.1', 4223],
    ['nats://nats.example', 'nats.example', 4222],
    ['tls://[::1]', '::1', 4222],
    ['wss://nats.example', 'nats.example', 443],
  ])('of %s', (url, host, port) => {
    expect(natsAddress(url)).toEqual({ host, port });
  });
});
