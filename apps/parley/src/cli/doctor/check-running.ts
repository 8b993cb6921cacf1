import { uriHost } from '@parley/service';
import type { ParleySettings } from '@parley/service';
import * as v from 'valibot';
import type { ApiAddress } from '../api/find-api.ts';
import { sipServer } from '../sip/sip-server.ts';
import { finding, reasonOf } from './finding.ts';
import type { Finding } from './finding.ts';

/** Milliseconds that an answer may take. */
const patience = 5_000;

const readiness = v.object({ checks: v.record(v.string(), v.string()), missing: v.array(v.string()) });

/** What a running installation says of itself; undefined when none answers there. */
export async function checkServices({ url }: ApiAddress): Promise<Finding | undefined> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(patience) });
    const read = v.safeParse(readiness, await response.json());
    if (!read.success)
      return finding('services', 'problem', `${url} is not Parley's`, 'set PARLEY_HTTP_PORT, or PARLEY_URL');
    const { checks, missing } = read.output;
    const names = Object.keys(checks).join(', ');
    if (missing.length === 0) return finding('services', 'ok', `${url}: ${names} are ready`);
    const states = missing.map((name) => `${name}: ${checks[name] ?? ''}`).join('; ');
    return finding('services', 'problem', states, 'the log of npm start, or of that service, says why');
  } catch {
    return undefined;
  }
}

/** Whether the server answers SIP: OPTIONS to its own address. @spec RFC 3261 §11 */
export async function checkSip(settings: ParleySettings): Promise<Finding> {
  const server = await sipServer(settings, undefined);
  const where = `${uriHost(server.address)}:${server.port}`;
  try {
    const { createNodeUserAgent } = await import('@parley/ua/node');
    await using agent = await createNodeUserAgent({ aor: `sip:doctor@${settings.domain}`, server });
    const request = { method: 'OPTIONS', uri: `sip:${settings.domain}`, fields: [] };
    const { statusCode, reasonPhrase } = await Promise.race([agent.request(request), tooLate()]);
    return statusCode === 200
      ? finding('sip', 'ok', `OPTIONS to ${where} over TCP: 200`)
      : finding(
          'sip',
          'problem',
          `OPTIONS to ${where}: ${statusCode} ${reasonPhrase}`,
          'expected 200: is another server on that port?',
        );
  } catch (error) {
    return finding('sip', 'problem', `OPTIONS to ${where}: ${reasonOf(error)}`, 'the log of the edge says why');
  }
}

function tooLate(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => {
      reject(new Error('no answer'));
    }, patience).unref();
  });
}
