import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Health, HealthReport } from './health.ts';
import type { Metrics } from './metrics.ts';

/** Answers one of the operator's paths; false when the request is for another. */
export type HealthHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Serves `/healthz`, `/readyz` and `/metrics`, on a server of its own or in front of another's routes. */
export function healthHandler(health: Health, metrics: Metrics): HealthHandler {
  return (request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path === '/healthz') sendReport(response, health.liveness());
    else if (path === '/readyz') sendReport(response, health.readiness());
    else if (path === '/metrics') void sendMetrics(response, metrics);
    else return false;
    return true;
  };
}

function sendReport(response: ServerResponse, { ok, checks }: HealthReport): void {
  response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify({ status: ok ? 'ok' : 'unavailable', checks })}\n`);
}

async function sendMetrics(response: ServerResponse, metrics: Metrics): Promise<void> {
  try {
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.registry.contentType });
    response.end(text);
  } catch {
    response.writeHead(500).end();
  }
}
