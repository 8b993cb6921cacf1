import { parseUri, serialiseUri } from '@parley/sip';

/** The URI without parameters and headers, its host in lower case; undefined for what names nobody. */
export function addressOfRecord(target: string): string | undefined {
  const uri = parseUri(target);
  if (!uri.ok || uri.value.kind !== 'sip' || (uri.value.user ?? '') === '') return undefined;
  const { user, host } = uri.value;
  return serialiseUri({
    kind: 'sip',
    scheme: 'sip',
    user,
    host: host.toLowerCase(),
    parameters: new Map(),
    headers: [],
  });
}
