import { describe, expect, it } from 'vitest';
import { requiredServices } from '../../src/adapters/census.ts';
import { runningConsole } from '../fixtures/running-console.ts';

describe('/healthz', () => {
  it('answers 200 while the process lives, whatever else is missing', async () => {
    await using running = await runningConsole();
    running.broker.goAway();
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
  });
});

describe('/readyz', () => {
  it('answers 503 and says which services are missing', async () => {
    await using running = await runningConsole();
    await running.join('edge');
    await running.join('focus', false);
    const response = await fetch(`${running.url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: 'unavailable',
      checks: {
        stage: 'ok',
        edge: 'ok',
        focus: 'no instance is ready (stage: starting)',
        nickname: 'no instance answers',
      },
      missing: ['focus', 'msrp-switch', 'nickname', 'notification'],
    });
  });

  it('answers 200 when each of the five has a process that is ready', async () => {
    await using running = await runningConsole();
    for (const service of requiredServices) await running.join(service);
    await running.join('focus', false);
    const response = await fetch(`${running.url}/readyz`);
    expect([response.status, await response.json()]).toMatchObject([200, { status: 'ok', missing: [] }]);
  });

  it('answers 503 and says why while something is amiss with each that is ready', async () => {
    await using running = await runningConsole();
    for (const service of requiredServices) await running.join(service, true, service === 'edge' ? 'over' : undefined);
    const response = await fetch(`${running.url}/readyz`);
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { checks: { edge: 'no instance is whole (lease: over)' }, missing: ['edge'] },
    ]);
  });

  it('answers 503 while NATS is away', async () => {
    await using running = await runningConsole();
    for (const service of requiredServices) await running.join(service);
    running.broker.goAway();
    expect((await fetch(`${running.url}/readyz`)).status).toBe(503);
  });
});

describe('/metrics', () => {
  it('adds up the metrics of all processes and has its own', async () => {
    await using running = await runningConsole();
    await running.join('edge');
    await running.join('edge');
    await running.call('GET', '/users');
    const response = await fetch(`${running.url}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    const text = await response.text();
    expect(text).toMatch(/^parley_tests_total\{service="edge"\} 4$/m);
    expect(text).toMatch(/^parley_instances\{name="edge",ready="true",service="console"\} 2$/m);
    expect(text).toMatch(
      /^parley_http_requests_total\{route="\/users",method="GET",code="200",service="console"\} 1$/m,
    );
    expect(text.match(/^[a-z]\w*/gm)?.every((name) => name.startsWith('parley_'))).toBe(true);
  });

  it('goes on without the metrics of a process that cannot be read', async () => {
    await using running = await runningConsole();
    running.broker.goAway();
    const text = await (await fetch(`${running.url}/metrics`)).text();
    expect(text).toMatch(/^parley_instances\{name="edge",ready="true",service="console"\} 0$/m);
  });
});

describe('GET /api/v1/services', () => {
  it('lists the processes in the order of the services', async () => {
    await using running = await runningConsole();
    await running.join('notification');
    await running.join('edge');
    const list = (await (await running.call('GET', '/services')).json()) as { items: { service: string }[] };
    expect(list.items.map(({ service }) => service)).toEqual(['edge', 'notification', 'console']);
    expect(list).toMatchObject({ next: null, missing: ['focus', 'msrp-switch', 'nickname'] });
    expect(list.items[0]).toMatchObject({
      version: '0.1.0',
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
      ready: true,
      draining: false,
      addresses: ['test:edge'],
      checks: [{ name: 'stage', healthy: true, detail: 'ok' }],
    });
  });
});
