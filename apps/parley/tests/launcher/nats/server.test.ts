import { describe, expect, it } from 'vitest';
import { findNatsServer } from '../../../src/launcher/nats/find-nats-server.ts';
import { serverConfig } from '../../../src/launcher/nats/server-config.ts';
import { readServerLogLine } from '../../../src/launcher/nats/server-log.ts';

describe('the configuration of the private NATS', () => {
  const plan = { program: 'nats-server', folder: '/data "one"/nats', port: 0, token: 'secret' };

  it('binds loopback alone and asks for a token', () => {
    expect(serverConfig(plan)).toContain('host: "127.0.0.1"');
    expect(serverConfig(plan)).toContain('authorization { token: "secret" }');
  });

  it('lets the server choose when the port is 0', () => {
    expect(serverConfig(plan)).toContain('port: -1');
    expect(serverConfig({ ...plan, port: 4222 })).toContain('port: 4222');
  });

  it('has a limit that no disk reaches, not what the server makes of the free one: streams keep to shares', () => {
    expect(serverConfig(plan)).toContain('max_file_store: 1125899906842624');
  });

  it('quotes folders', () => {
    expect(serverConfig(plan)).toContain('store_dir: "/data \\"one\\"/nats/store"');
  });
});

describe('the log of NATS', () => {
  it.each([
    ['[7] 2026/11/21 10:00:00.123456 [INF] Server is ready', 'debug', 'Server is ready'],
    ['[7] 2026/11/21 10:00:00.123456 [ERR] Error listening', 'error', 'Error listening'],
    ['[7] 2026/11/21 10:00:00.123456 [FTL] No space', 'fatal', 'No space'],
    ['panic: runtime error', 'warn', 'panic: runtime error'],
  ])('reads %j', (line, severity, message) => {
    expect(readServerLogLine(line)).toEqual({ severity, message });
  });
});

describe('the search for nats-server', () => {
  it('looks where daemons are installed, whatever PATH says', () => {
    expect(findNatsServer('')).toBe(findNatsServer('/nowhere'));
  });
});
