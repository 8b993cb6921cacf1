import type { msrpSwitch } from '@parley/contracts';
import type { HubPolicy } from '../hub/hub-policy.ts';

/** The policy as the focus says it; no size means the largest that this switch takes. */
export function hubPolicyOf(message: msrpSwitch.HubPolicy | undefined, maxSize: number): HubPolicy {
  const said = message?.maxSize ?? 0;
  return {
    nicknames: message?.nicknames ?? true,
    nicknameScope: message?.nicknameScope === 'domain' ? 'domain' : 'room',
    privateMessages: message?.privateMessages ?? true,
    moderated: message?.moderated ?? false,
    hideMembers: message?.hideMembers ?? false,
    maxSize: said === 0 ? maxSize : Math.min(said, maxSize),
    history: message?.history ?? 0,
    replay: message?.replay ?? 0,
    since: message?.since ?? 0,
    welcome: message?.welcome ?? '',
  };
}
