import { err, ok, parseError } from '@parley/prelude';
import type { ParseError, Result } from '@parley/prelude';
import { canonicalIpv6 } from './ip-address.ts';

/** A parameter behind the transport, e.g. of an extension; MSRP URIs compare without them. */
export interface MsrpUriParameter {
  readonly name: string;
  readonly value: string | undefined;
}

/** One hop of a path: a session at a device, or a relay when it has no session. */
export interface MsrpUri {
  /** `msrps` promises TLS to this hop, and nothing about others. */
  readonly scheme: 'msrp' | 'msrps';
  /** Account for which the session is valid; percent-encoded as it came. */
  readonly userinfo: string | undefined;
  /** Name, IPv4 address or bracketed IP literal, as it came. */
  readonly host: string;
  /** Always present in session paths, RFC 4975 §6; there is no default port. */
  readonly port: number | undefined;
  readonly sessionId: string | undefined;
  /** `tcp`, `ws` (RFC 7977) or one that this node cannot connect to. */
  readonly transport: string;
  readonly parameters: readonly MsrpUriParameter[];
}

// @note RFC 3986 lets a reg-name hold ";", which would swallow the transport; it is left out here, as every client does.
// userinfo is without ":", since it MUST NOT carry a password (RFC 4975 §6).
const token = "[A-Za-z0-9!#$%&'*+.^_`{|}~-]+";
const pattern = new RegExp(
  '^(msrps?)://' +
    "(?:([A-Za-z0-9._~!$&'()*+,;=%-]*)@)?" +
    "(\\[[A-Za-z0-9:._~!$&'()*+,;=-]+\\]|[A-Za-z0-9._~!$&'()*+,=%-]+)" +
    '(?::([0-9]*))?' +
    '(?:/([A-Za-z0-9._~+=/-]+))?' +
    ';([A-Za-z0-9]+)' +
    `((?:;${token}(?:=${token})?)*)$`,
  'i',
);
const badEscape = /%(?![0-9A-Fa-f]{2})/;
const ipFuture = /^v[0-9a-f]+\.[a-z0-9._~!$&'()*+,;=:-]+$/i;

const section = 'RFC 4975 §9';
const noParameters: readonly MsrpUriParameter[] = [];

function parametersOf(text: string): readonly MsrpUriParameter[] {
  if (text === '') return noParameters;
  return text
    .slice(1)
    .split(';')
    .map((parameter) => {
      const at = parameter.indexOf('=');
      return at === -1
        ? { name: parameter, value: undefined }
        : { name: parameter.slice(0, at), value: parameter.slice(at + 1) };
    });
}

function isLiteral(host: string): boolean {
  const inner = host.slice(1, -1);
  return ipFuture.test(inner) || canonicalIpv6(inner) !== undefined;
}

/** Reads one `MSRP-URI`. @spec RFC 4975 §9, RFC 7977 §5.2.1 */
export function parseMsrpUri(text: string): Result<MsrpUri, ParseError> {
  const match = pattern.exec(text);
  if (match === null)
    return err(parseError('MSRP-URI', 0, section, 'expected msrp[s]://authority[/session];transport'));
  const [, scheme = '', userinfo, host = '', port = '', sessionId, transport = '', parameters = ''] = match;
  if (badEscape.test(host) || badEscape.test(userinfo ?? '')) {
    return err(parseError('pct-encoded', 0, 'RFC 3986 §2.1', 'expected two hexadecimal digits behind %'));
  }
  if (host.startsWith('[') && !isLiteral(host)) {
    return err(parseError('IP-literal', 0, 'RFC 3986 §3.2.2', 'expected an IPv6 address in the brackets'));
  }
  if (Number(port) > 65_535) return err(parseError('port', 0, 'RFC 3986 §3.2.3', 'expected a port up to 65535'));
  return ok({
    scheme: scheme.length === 5 ? 'msrps' : 'msrp',
    userinfo,
    host,
    port: port === '' ? undefined : Number(port),
    sessionId,
    transport,
    parameters: parametersOf(parameters),
  });
}

/** Text of the URI; {@link parseMsrpUri} gives an equal value back. */
export function serialiseMsrpUri(uri: MsrpUri): string {
  let text = `${uri.scheme}://`;
  if (uri.userinfo !== undefined) text += `${uri.userinfo}@`;
  text += uri.host;
  if (uri.port !== undefined) text += `:${uri.port}`;
  if (uri.sessionId !== undefined) text += `/${uri.sessionId}`;
  text += `;${uri.transport}`;
  for (const { name, value } of uri.parameters) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}
