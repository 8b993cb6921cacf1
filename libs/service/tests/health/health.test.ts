import { describe, expect, it } from 'vitest';
import { Health, healthHandler, Metrics, startHealthServer } from '../../src/index.ts';

describe('Health', () => {
  it('is ready between start and drain, and alive throughout', () => {
    const health = new Health();
    const ready = [health.readiness().ok];
    health.started();
    ready.push(health.readiness().ok);
    health.drain();
    health.started();
    ready.push(health.readiness().ok);
    expect(ready).toEqual([false, true, false]);
    expect([health.liveness().ok, health.draining]).toEqual([true, true]);
  });

  it('is not ready while a check says why', () => {
    const health = new Health();
    health.started();
    let reason: string | undefined = 'no connection to NATS';
    const remove = health.check('nats', () => reason);
    expect(health.readiness()).toEqual({ ok: false, checks: { stage: 'ok', nats: 'no connection to NATS' } });
    reason = undefined;
    expect(health.readiness().ok).toBe(true);
    reason = 'away';
    remove();
    expect(health.readiness().ok).toBe(true);
  });

  it('is ready whatever a note tells: of what is amiss whoever asks hears all the same', () => {
    const health = new Health();
    health.started();
    const remove = health.note('lease', () => 'over');
    expect(health.readiness()).toEqual({ ok: true, checks: { stage: 'ok', lease: 'over' } });
    remove();
    expect(health.readiness()).toEqual({ ok: true, checks: { stage: 'ok' } });
  });

  it('stays dead once it failed', () => {
    const health = new Health();
    health.started();
    health.fail('out of shards');
    health.fail('again');
    expect(health.liveness()).toEqual({ ok: false, checks: { process: 'out of shards' } });
    expect(health.readiness().ok).toBe(false);
  });
});

describe('the health server', () => {
  it('answers probes and scrapes, and nothing else', async () => {
    const health = new Health();
    const metrics = new Metrics('edge');
    metrics.counter('messages_total', 'Messages by outcome.', ['outcome']).inc({ outcome: 'stored' }, 2);
    metrics.gauge('flows', 'Open flows.', [], (gauge) => {
      gauge.set(7);
    });
    metrics.histogram('store_seconds', 'Time to store a message.').observe(0.002);
    await using server = await startHealthServer('127.0.0.1', 0, healthHandler(health, metrics));
    const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${server.port}${path}`);
    expect((await get('/healthz')).status).toBe(200);
    const starting = await get('/readyz?verbose');
    expect([starting.status, await starting.json()]).toEqual([
      503,
      { status: 'unavailable', checks: { stage: 'starting' } },
    ]);
    const scraped = await (await get('/metrics')).text();
    expect(scraped).toContain('parley_messages_total{outcome="stored",service="edge"} 2');
    expect(scraped).toContain('parley_flows{service="edge"} 7');
    expect(scraped).toContain('parley_store_seconds_count{service="edge"} 1');
    expect(scraped).toContain('parley_process_cpu_seconds_total');
    expect((await get('/')).status).toBe(404);
  });
});

describe('Metrics', () => {
  it('tells how busy the event loop was since it was last asked, with no timer that would wake it', async () => {
    const metrics = new Metrics('edge');
    await metrics.text();
    const text = await metrics.text();
    expect(text).toMatch(/^parley_nodejs_eventloop_utilization\{service="edge"\} (?:0|1|0\.\d+|\d(?:\.\d+)?e-\d+)$/m);
    expect(text).not.toContain('eventloop_lag_p99');
  });
});
