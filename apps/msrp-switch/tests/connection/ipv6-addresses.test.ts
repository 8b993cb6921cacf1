import { censusSubject, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { expect, it } from 'vitest';
import { House } from '../support/house.ts';

it('A switch at an IPv6 address MUST name it in brackets (RFC 3986 §3.2.2)', async () => {
  await using house = await House.open({ environment: { PARLEY_HOST: '::1' } });
  const census = house.bus.gather(censusSubject, rpc.census, { withMetrics: false }, { within: 600 });
  const [status] = unwrap(await census);
  const { msrp, msrps, msrpWs } = house.service.ports ?? {};
  expect(status?.addresses).toEqual([
    `msrp://[::1]:${msrp};tcp`,
    `msrps://[::1]:${msrps};tcp`,
    `msrp://[::1]:${msrpWs};ws`,
  ]);
});
