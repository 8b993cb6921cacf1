import { scanAuthParams, serialiseAuthParams } from '../grammar/auth-params.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { checkHex, present, take } from './auth-scheme.ts';
import type { OtherParams } from './auth-scheme.ts';
import { single } from './define.ts';

/** The server's own proof, or its next nonce. @spec RFC 3261 §20.6, RFC 7616 §3.5 */
export interface AuthenticationInfo {
  readonly nextnonce?: string | undefined;
  readonly rspauth?: string | undefined;
  readonly qop?: string | undefined;
  readonly cnonce?: string | undefined;
  readonly nc?: string | undefined;
  readonly parameters: OtherParams;
}

function scanInfo(s: Scanner): AuthenticationInfo {
  const params = scanAuthParams(s);
  const info = present({
    nextnonce: take(params, 'nextnonce'),
    rspauth: take(params, 'rspauth'),
    qop: take(params, 'qop'),
    cnonce: take(params, 'cnonce'),
    nc: take(params, 'nc'),
  });
  checkHex(s, info.rspauth, info.nc);
  return { ...info, parameters: params };
}

function serialiseInfo(info: AuthenticationInfo): string {
  const { nextnonce, rspauth, cnonce, qop, nc } = info;
  return serialiseAuthParams({ nextnonce, rspauth, cnonce }, { qop, nc }, info.parameters);
}

/** What follows a successful proof. @spec RFC 3261 §20.6 */
export const authenticationInfo: HeaderDefinition<AuthenticationInfo> = single(
  'Authentication-Info',
  scanInfo,
  serialiseInfo,
);
