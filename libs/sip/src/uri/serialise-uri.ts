import { assertNever } from '@parley/prelude';
import { serialiseParameters } from '../grammar/parameters.ts';
import type { SipUri, Uri, UriHeader } from './uri.ts';

/** Head text of a URI, without brackets. */
export function serialiseUri(uri: Uri): string {
  switch (uri.kind) {
    case 'sip':
      return serialiseSipUri(uri);
    case 'tel':
      return `tel:${uri.number}${serialiseParameters(uri.parameters)}`;
    case 'im':
      return `${uri.scheme}:${uri.user}@${uri.host}${serialiseHeaders(uri.headers)}`;
    case 'absolute':
      return `${uri.scheme}:${uri.rest}`;
    default:
      return assertNever(uri);
  }
}

function serialiseSipUri(uri: SipUri): string {
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const userinfo = uri.user === undefined ? '' : `${uri.user}${password}@`;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const tail = serialiseParameters(uri.parameters) + serialiseHeaders(uri.headers);
  return `${uri.scheme}:${userinfo}${uri.host}${port}${tail}`;
}

function serialiseHeaders(headers: readonly UriHeader[]): string {
  return headers.length === 0 ? '' : `?${headers.map(([name, value]) => `${name}=${value}`).join('&')}`;
}
