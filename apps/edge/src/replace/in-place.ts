import type { ByteCodec } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { field, noParameters, withField } from '@parley/sip';
import { amendmentOf } from './amendment.ts';
import type { Amendment, MessageName } from './amendment.ts';
import { plainForm } from './plain-form.ts';

/**
 * What takes the place of a stored copy. A copy that itself amends what its device has goes on to do so, with the new
 * action: the device hears of one change.
 *
 * @returns undefined where nothing does: the copy is taken out of its mailbox
 * @spec docs/specs/replace-message.md §8.2
 */
export function inPlaceOf(
  copy: SipRequest,
  request: SipRequest,
  { action }: Pick<Amendment, 'action'>,
  codec: ByteCodec,
): SipRequest | undefined {
  const amends = amendmentOf(copy, codec);
  const known = amends.ok ? amends.value?.name : undefined;
  if (known !== undefined) return naming(plainForm(request, codec), known, action);
  return action === 'recall' ? undefined : plainForm(request, codec);
}

function naming(request: SipRequest, name: MessageName, action: Amendment['action']): SipRequest {
  const { by, reference } = name;
  const cSeq = name.by === 'call-id' ? name.cSeq : undefined;
  return withField(request, field.replacesMessage, { by, reference, action, cSeq, parameters: noParameters });
}
