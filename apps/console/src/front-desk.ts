import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HealthHandler } from '@parley/service';
import type { Answered, Api } from './api/api.ts';
import { apiRoot } from './api/api.ts';
import type { ConsoleEvents } from './events.ts';
import { problem } from './http/problem.ts';
import type { Reply } from './http/reply.ts';
import { problemReply, sendReply } from './http/reply.ts';
import type { HttpHandler } from './http/server.ts';

/** Who answers what. */
export interface FrontDeskOptions {
  readonly api: Api;
  /** The document at `/`. */
  readonly page: Reply;
  readonly readiness: () => Promise<Reply>;
  readonly metrics: () => Promise<Reply>;
  /** Answers `/healthz`. */
  readonly health: HealthHandler;
  readonly events: ConsoleEvents;
  /** Milliseconds, for intervals. */
  readonly now: () => number;
}

const noSuchPath = problemReply(problem(404, 'no-such-path', 'there is nothing at this path'));
const notAllowed = problemReply(problem(405, 'method-not-allowed', 'expected GET or HEAD', { allow: 'GET, HEAD' }));
const badTarget = problemReply(problem(400, 'invalid', 'expected a path in the request target'));
const fault = problemReply(problem(500, 'fault', 'something went wrong here; the log says what'));

/** Sends each request to who answers it, and answers every one. */
export function frontDesk(options: FrontDeskOptions): HttpHandler {
  const { events, now, health } = options;
  return (request, response) => {
    const url = URL.parse(request.url ?? '', 'http://console');
    if (url?.pathname === '/healthz' && health(request, response)) return;
    const began = now();
    const method = request.method ?? '';
    void answer(options, request, url)
      .catch((error: unknown): Answered => {
        if (!request.destroyed || request.complete) events.failed(error, url?.pathname ?? '');
        return { route: 'other', reply: fault };
      })
      .then(({ route, reply }) => {
        events.answered({ route, method, status: reply.status, seconds: (now() - began) / 1000 });
        finish(request, response, reply);
      });
  };
}

async function answer(options: FrontDeskOptions, request: IncomingMessage, url: URL | null): Promise<Answered> {
  if (url === null) return { route: 'other', reply: badTarget };
  const { pathname } = url;
  if (pathname === apiRoot || pathname.startsWith(`${apiRoot}/`)) return options.api(request, url);
  const document = documentAt(options, pathname);
  if (document === undefined) return { route: 'other', reply: noSuchPath };
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  return { route: pathname, reply: isRead ? await document() : notAllowed };
}

function documentAt(options: FrontDeskOptions, pathname: string): (() => Reply | Promise<Reply>) | undefined {
  switch (pathname) {
    case '/':
      return () => options.page;
    case '/readyz':
      return options.readiness;
    case '/metrics':
      return options.metrics;
    default:
      return undefined;
  }
}

/** What of a body was not read is let go of, or the connection would hang in it. */
function finish(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  sendReply(response, reply);
  if (!request.complete) request.resume();
}
