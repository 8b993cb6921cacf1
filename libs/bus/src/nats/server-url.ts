import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { BusFailure } from '../bus-failure.ts';
import { busFailure } from '../bus-failure.ts';

/** Where NATS is and what it wants to hear, as its client takes them. */
export interface NatsServers {
  /** Without credentials. */
  readonly servers: string[];
  readonly token?: string;
  readonly user?: string;
  readonly pass?: string;
  /** For logs. */
  readonly shown: string;
}

const pattern = /^(?:(nats|tls):\/\/)?(?:([^\s/@]*)@)?([^\s/@]+?)\/?$/;

/**
 * Reads a list of server URLs. The client itself does not look at credentials in a URL: `token@` and `user:password@`
 * are taken out of the first that has them, percent-escapes undone, and shown to nobody.
 */
export function parseServers(urls: string): Result<NatsServers, BusFailure> {
  const parsed = urls.split(',').map((url) => pattern.exec(url.trim()));
  const servers: string[] = [];
  let credentials: string | undefined;
  for (const match of parsed) {
    const host = match?.[3];
    if (match === null || host === undefined || (match[1] === undefined && !host.includes(':'))) return err(expected);
    credentials ??= match[2];
    servers.push(match[1] === undefined ? host : `${match[1]}://${host}`);
  }
  return ok({ servers, shown: servers.join(','), ...readCredentials(credentials) });
}

const expected = busFailure('refused', 'expected URLs of NATS servers, such as nats://127.0.0.1:4222');

function readCredentials(text: string | undefined): Pick<NatsServers, 'token' | 'user' | 'pass'> {
  if (text === undefined || text === '') return {};
  const colon = text.indexOf(':');
  return colon === -1
    ? { token: unescape(text) }
    : { user: unescape(text.slice(0, colon)), pass: unescape(text.slice(colon + 1)) };
}

/** A `%` that begins no escape stands for itself. */
function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
