import type { lists } from '@parley/contracts';
import { nodeBytes } from '@parley/service';
import { parseSipMessage, serialise } from '@parley/sip';
import type { ListJob } from '../lists/list-job.ts';

/** The job as its stream keeps it. */
export function jobToRecord({ shared, copies, ...job }: ListJob): lists.ListJob {
  return {
    ...job,
    request: serialise(shared, nodeBytes),
    copies: copies.map(({ uri, fields }) => ({ uri, fields: fields.map(([name, value]) => ({ name, value })) })),
  };
}

/** The inverse of {@link jobToRecord}; undefined when another version wrote what cannot be read here. */
export function jobFromRecord({ request, copies, ...job }: lists.ListJob): ListJob | undefined {
  const parsed = parseSipMessage(request, { codec: nodeBytes });
  if (!parsed.ok || parsed.value.kind !== 'request') return undefined;
  return {
    ...job,
    shared: parsed.value,
    copies: copies.map(({ uri, fields }) => ({ uri, fields: fields.map(({ name, value }) => [name, value] as const) })),
  };
}
