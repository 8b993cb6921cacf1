import { decodeText } from '@parley/mime';
import type { ByteCodec } from '@parley/prelude';
import { portableCodec } from '@parley/prelude';
import { unescapeValue } from './escape.ts';
import type { CpimHead, CpimHeader } from './header.ts';
import { coreNamespace } from './header.ts';
import { serialiseCpimHead } from './message.ts';
import { cpimHeaders, qualifiedNames } from './namespaces.ts';
import { parseCpimHead } from './parse-head.ts';

/** Namespace of the headers by which a message replaces or recalls another. @spec docs/specs/replace-message.md §4.3 */
export const replaceNamespace = 'urn:parley:params:cpim:replace';

/** What those headers say: the Message-ID of the original, and the action as it was written, in lower case. */
export interface CpimReplace {
  readonly messageId: string;
  readonly action: string;
}

/** What a head says of the message that it replaces or recalls; undefined when it says nothing of that. */
export function cpimReplaceIn(head: CpimHead, codec: ByteCodec = portableCodec): CpimReplace | undefined {
  const messageId = valueOf(cpimHeaders(head, replaceNamespace, 'Message-ID')[0], codec);
  if (messageId === undefined || messageId === '') return undefined;
  const action = valueOf(cpimHeaders(head, replaceNamespace, 'Action')[0], codec) ?? 'replace';
  return { messageId, action: action.toLowerCase() };
}

function valueOf(header: CpimHeader | undefined, codec: ByteCodec): string | undefined {
  return header && unescapeValue(decodeText(header.value, codec)).trim();
}

/** Octets of a CPIM message without those headers and the declaration of their namespace; undefined where there is no head. */
export function withoutCpimReplace(
  octets: Uint8Array,
  codec: ByteCodec = portableCodec,
): readonly [Uint8Array, Uint8Array] | undefined {
  const head = parseCpimHead(octets, codec);
  if (!head.ok || !head.value.complete) return undefined;
  const { headers } = head.value.value;
  const names = qualifiedNames(head.value.value);
  const kept = headers.filter((header, i) => {
    const name = names[i];
    const declares =
      name?.namespace === coreNamespace && name.name === 'NS' && header.value.includes(`<${replaceNamespace}>`);
    return !declares && name?.namespace !== replaceNamespace;
  });
  return [serialiseCpimHead({ headers: kept }, codec), octets.subarray(head.value.end)];
}
