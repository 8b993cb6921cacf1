import type { ServerResponse } from 'node:http';
import type { Problem } from './problem.ts';

/** What goes back to a request. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: no content. */
  readonly body: string | undefined;
}

/** On every answer: nothing here is for caches, frames or other sites. */
const always = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** JSON with a line end, so that it reads well in a terminal. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: `${JSON.stringify(value)}\n`,
  };
}

/** 204. */
export const noContent: Reply = { status: 204, headers: {}, body: undefined };

/** A problem in the one form that errors have. */
export function problemReply({ status, code, message, headers }: Problem): Reply {
  return json(status, { error: { code, message } }, headers);
}

/** Writes a reply; a client that has gone misses nothing. */
export function sendReply(response: ServerResponse, { status, headers, body }: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  response.writeHead(status, { ...always, ...headers, ...length });
  response.end(body);
}
