import { createSocket } from 'node:dgram';
import { freePort } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { probePorts } from '../../src/launcher/port-probe.ts';

describe('the look for taken ports', () => {
  it('passes over ports that are left to the system', async () => {
    await expect(probePorts('127.0.0.1', { sip: 0 })).resolves.toBeUndefined();
  });

  it('finds a SIP port that is taken for UDP only', async () => {
    // Below the ephemeral ports: no outgoing connection has it for TCP.
    const port = await freePort();
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('listening', resolve));
    await expect(probePorts('127.0.0.1', { sip: port })).rejects.toThrow(
      `port ${String(port)} (PARLEY_SIP_PORT) is in use`,
    );
    await expect(probePorts('127.0.0.1', { msrp: port })).resolves.toBeUndefined();
    socket.close();
  });

  it('refuses one port for two listeners', async () => {
    await expect(probePorts('127.0.0.1', { sip: 5060, sips: 5060 })).rejects.toThrow(
      'PARLEY_SIP_PORT and PARLEY_SIPS_PORT are both 5060',
    );
  });

  it('names the address that is not of this machine', async () => {
    await expect(probePorts('192.0.2.1', { http: 49_152 })).rejects.toThrow('PARLEY_HOST is 192.0.2.1');
  });
});
