import { createMemoryBroker } from '@parley/bus';
import { censusSubject, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { testContext } from '@parley/testing';
import { expect, it } from 'vitest';
import { startConsole } from '../../src/service.ts';

it('The console at an IPv6 address MUST name it in brackets (RFC 3986 §3.2.2)', async () => {
  const broker = createMemoryBroker({ clock: systemClock });
  const environment = { PARLEY_HOST: '::1', PARLEY_HTTP_PORT: '0' };
  await using console = await startConsole(testContext('console', { environment }), broker.connect());
  const census = broker.connect().gather(censusSubject, rpc.census, { withMetrics: false }, { within: 600 });
  const [status] = unwrap(await census);
  expect(status?.addresses).toEqual([`http://[::1]:${console.ports?.['http'] ?? 0}`]);
});
