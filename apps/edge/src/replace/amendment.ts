import type { CpimMessage } from '@parley/cpim';
import { parseCpim } from '@parley/cpim';
import type { ByteCodec, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { field, read, readRaw } from '@parley/sip';
import { mayWrap, mediaTypeOf } from '../mailbox/content.ts';
import { cpimLocation } from './cpim-location.ts';
import { cpimReplaceIn, mentionsReplace } from './cpim-replace.ts';

/** What a message is called by who replaces or recalls it. */
export type MessageName =
  | { readonly by: 'message-id'; readonly reference: string }
  /** Without `cSeq`: the newest of that Call-ID. */
  | { readonly by: 'call-id'; readonly reference: string; readonly cSeq: number | undefined };

/** What a message does to one that was sent before. */
export interface Amendment {
  readonly name: MessageName;
  readonly action: 'replace' | 'recall';
}

/**
 * What a request says of a message before it, in its header field or in CPIM.
 *
 * @returns undefined for a message like any other; an error, which is for the sender, when it says it in no way that can be
 * understood, or in two ways that differ
 * @spec docs/specs/replace-message.md §4
 */
export function amendmentOf(request: SipRequest, codec: ByteCodec): Result<Amendment | undefined, string> {
  const bySip = sipAmendment(request);
  if (!bySip.ok || !mentionsReplace(request.body, codec)) return bySip;
  const byCpim = cpimAmendment(request, codec);
  if (!byCpim.ok || byCpim.value === undefined || bySip.value === undefined)
    return byCpim.ok ? ok(bySip.value ?? byCpim.value) : byCpim;
  return isSame(bySip.value, byCpim.value) ? bySip : err('Replaces-Message and the CPIM headers differ');
}

function sipAmendment(request: SipRequest): Result<Amendment | undefined, string> {
  const replaces = read(request, field.replacesMessage);
  if (!replaces.ok) return err('expected Replaces-Message to name a message');
  if (replaces.value === undefined) return ok(undefined);
  const { by, reference, cSeq, action } = replaces.value;
  return ok({ name: by === 'call-id' ? { by, reference, cSeq } : { by, reference }, action });
}

function cpimAmendment(request: SipRequest, codec: ByteCodec): Result<Amendment | undefined, string> {
  const cpim = cpimIn(request, codec);
  const found = cpim && cpimReplaceIn(cpim.head, codec);
  if (found === undefined) return ok(undefined);
  const { name, action } = found;
  return action === 'replace' || action === 'recall'
    ? ok({ name, action })
    : err('expected replace.Action to be replace or recall');
}

/** The CPIM of a body that is not compressed: who compresses uses the header field. */
function cpimIn(request: SipRequest, codec: ByteCodec): CpimMessage | undefined {
  const octets = cpimLocation(request, codec);
  const cpim = octets && parseCpim(octets, codec);
  return cpim?.ok === true ? cpim.value : undefined;
}

/** One Message-ID, or two names that cannot be compared, and one action. */
function isSame(one: Amendment, other: Amendment): boolean {
  const isOneName = one.name.by !== other.name.by || one.name.reference === other.name.reference;
  return isOneName && one.action === other.action;
}

/** Whether a request amends another; cheap, and never a wrong no, since every message is asked. */
export function mayAmend(request: SipRequest, codec: ByteCodec): boolean {
  if (readRaw(request, field.replacesMessage.name) !== undefined) return true;
  const mediaType = mediaTypeOf(request);
  return mediaType !== undefined && mayWrap(mediaType) && mentionsReplace(request.body, codec);
}
