import type { CpimHead, CpimReplace } from '@parley/cpim';
import { cpimReplaceIn } from '@parley/cpim';
import { imdnType } from '@parley/imdn';
import { isComposingType } from '@parley/iscomposing';
import { mediaEssence, parseMediaType } from '@parley/mime';
import type { ByteCodec } from '@parley/prelude';

/** What a message is to the switch, beside its addresses. */
export type MessageKind =
  /** Something that is said: it goes on as it comes. */
  | { readonly kind: 'said' }
  /** That somebody composes a message, or does no longer. @spec RFC 3994 */
  | { readonly kind: 'indicator' }
  /** What became of a message. @spec RFC 5438 */
  | { readonly kind: 'notification' }
  /** It replaces or recalls a message. @spec docs/specs/replace-message.md §9 */
  | { readonly kind: 'amendment'; readonly replace: CpimReplace };

/** What it is told by: the head of the wrapper, and that of what is wrapped. */
export interface KindMarks {
  readonly cpim: CpimHead;
  readonly wrappedType: string | undefined;
  /** Content-Disposition of what is wrapped, without parameters. */
  readonly disposition: string | undefined;
}

/** Tells what a message is by its heads. A notification amends nothing. @spec RFC 5438 §7.2.1.1 (Content-Disposition) */
export function kindOf({ cpim, wrappedType, disposition }: KindMarks, codec: ByteCodec): MessageKind {
  if (wrappedType !== undefined && isIndicator(wrappedType)) return { kind: 'indicator' };
  const isNotification = disposition === 'notification' || essenceOf(wrappedType) === imdnType;
  if (isNotification) return { kind: 'notification' };
  const replace = cpimReplaceIn(cpim, codec);
  return replace === undefined ? { kind: 'said' } : { kind: 'amendment', replace };
}

/** Whether a type is that of is-composing. @spec RFC 3994 §8.1 */
export function isIndicator(type: string): boolean {
  return essenceOf(type) === isComposingType;
}

function essenceOf(type: string | undefined): string | undefined {
  const parsed = type === undefined ? undefined : parseMediaType(type);
  return parsed?.ok === true ? mediaEssence(parsed.value) : undefined;
}
