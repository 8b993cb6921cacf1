import type { CpimHead } from '@parley/cpim';
import { cpimReplaceIn as replaceIn, replaceNamespace } from '@parley/cpim';
import type { ByteCodec } from '@parley/prelude';
import type { MessageName } from './amendment.ts';

const marker = Uint8Array.from(replaceNamespace, (character) => character.charCodeAt(0));

/** Whether a body may have headers that replace or recall; cheap, since every message is asked. */
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
  const found = replaceIn(head, codec);
  return found && { name: { by: 'message-id', reference: found.messageId }, action: found.action };
}
