import { readFileSync } from 'node:fs';
import type { ParleySettings } from '@parley/service';
import type { NodeUserAgent } from '@parley/ua/node';
import { requireServer, sipServer } from './sip-server.ts';

/** Whose user agent, and where it finds its server. */
export interface Account {
  readonly aor: string;
  readonly password: string;
  /** As typed with `--server`; default: the installation here. */
  readonly server?: string;
}

/** A user agent for one command. @throws CommandError when nobody is there to take what it sends */
export async function userAgent(settings: ParleySettings, { aor, password, server }: Account): Promise<NodeUserAgent> {
  const found = await sipServer(settings, server);
  await requireServer(found);
  const tls = settings.tlsCa === undefined ? {} : { tls: { ca: readFileSync(settings.tlsCa, 'utf8') } };
  const { createNodeUserAgent } = await import('@parley/ua/node'); // half of what this program would load at each start
  return await createNodeUserAgent({ aor, password, server: found, ...tls });
}
