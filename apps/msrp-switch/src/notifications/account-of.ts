import { parseUri } from '@parley/sip';

/** The account that an address-of-record stands for; undefined for a GRUU, a pseudonym or an address of another domain. */
export function accountOf(address: string, domain: string): string | undefined {
  const uri = parseUri(address);
  if (!uri.ok || (uri.value.kind !== 'sip' && uri.value.kind !== 'im')) return undefined;
  const { user, host } = uri.value;
  const isGruu = uri.value.kind === 'sip' && uri.value.parameters.has('gr');
  return isGruu || host.toLowerCase() !== domain.toLowerCase() ? undefined : user;
}
