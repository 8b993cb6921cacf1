import type { NameAddr } from '../grammar/name-addr.ts';
import { scanBracketedUri } from '../grammar/name-addr.ts';
import type { Parameters } from '../grammar/parameters.ts';
import { scanParameters, serialiseParameters } from '../grammar/parameters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { serialiseUri } from '../uri/serialise-uri.ts';
import { list, single } from './define.ts';

/** A pointer to something to show or play. */
export type Info = Omit<NameAddr, 'displayName'>;

/** Parameters behind a token, for packages of INFO. @spec RFC 6086 §8.2 */
export interface InfoPackage {
  readonly package: string;
  readonly parameters: Parameters;
}

function scanInfo(s: Scanner): Info {
  s.skipBlanks();
  return { uri: scanBracketedUri(s), parameters: scanParameters(s) };
}

function serialiseInfo(info: Info): string {
  return `<${serialiseUri(info.uri)}>${serialiseParameters(info.parameters)}`;
}

function scanPackage(s: Scanner): InfoPackage {
  return { package: s.token('Info-package-name'), parameters: scanParameters(s) };
}

function serialisePackage(value: InfoPackage): string {
  return value.package + serialiseParameters(value.parameters);
}

/** Another ring tone. @spec RFC 3261 §20.4 */
export const alertInfo: HeaderDefinition<Info> = list('Alert-Info', scanInfo, serialiseInfo);

/** More about caller or callee. @spec RFC 3261 §20.9 */
export const callInfo: HeaderDefinition<Info> = list('Call-Info', scanInfo, serialiseInfo);

/** More about the error. @spec RFC 3261 §20.18 */
export const errorInfo: HeaderDefinition<Info> = list('Error-Info', scanInfo, serialiseInfo);

/** Package that an INFO belongs to. @spec RFC 6086 §8.1 */
export const infoPackage: HeaderDefinition<InfoPackage> = single('Info-Package', scanPackage, serialisePackage);

/** Packages of INFO that the sender takes. @spec RFC 6086 §8.2 */
export const recvInfo: HeaderDefinition<InfoPackage> = list(
  { name: 'Recv-Info', mayBeEmpty: true },
  scanPackage,
  serialisePackage,
);

/** Whether a REFER makes a subscription. @spec RFC 4488 §4 */
export const referSub: HeaderDefinition<boolean> = single(
  'Refer-Sub',
  (s) => {
    const value = s.token('refer-sub-value').toLowerCase();
    if (value !== 'true' && value !== 'false') s.fail('refer-sub-value', 'expected true or false', 'RFC 4488 §4');
    scanParameters(s);
    return value === 'true';
  },
  String,
);
