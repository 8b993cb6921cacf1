import type { CpimHead, CpimHeader } from '@parley/cpim';
import {
  coreNamespace,
  cpimHeaders,
  parseCpimHead,
  qualifiedNames,
  serialiseCpimHead,
  unescapeValue,
} from '@parley/cpim';
import { decodeText } from '@parley/mime';
import type { ByteCodec } from '@parley/prelude';
import type { MessageName } from './amendment.ts';

/** Namespace of the CPIM headers by which a message replaces or recalls another. */
export const replaceNamespace = 'urn:parley:params:cpim:replace';

const marker = Uint8Array.from(replaceNamespace, (character) => character.charCodeAt(0));

/** Whether a body may have those headers; cheap, since every message is asked. */
export function mentionsReplace(body: Uint8Array, codec: ByteCodec): boolean {
  return body.length > marker.length && codec.indexOf(body, marker, 0) !== -1;
}

/** What the headers say: the original's Message-ID, and the action as it was written. */
export interface CpimReplace {
  readonly name: MessageName;
  readonly action: string;
}

/** What a head says; undefined when it says nothing of replacing. */
export function cpimReplaceIn(head: CpimHead, codec: ByteCodec): CpimReplace | undefined {
  const reference = valueOf(cpimHeaders(head, replaceNamespace, 'Message-ID')[0], codec);
  if (reference === undefined || reference === '') return undefined;
  const action = valueOf(cpimHeaders(head, replaceNamespace, 'Action')[0], codec) ?? 'replace';
  return { name: { by: 'message-id', reference }, action: action.toLowerCase() };
}

function valueOf(header: CpimHeader | undefined, codec: ByteCodec): string | undefined {
  return header && unescapeValue(decodeText(header.value, codec)).trim();
}

/** Octets of a CPIM message without those headers and the declaration of their namespace; undefined where there is no head. */
export function withoutCpimReplace(octets: Uint8Array, codec: ByteCodec): readonly Uint8Array[] | undefined {
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
