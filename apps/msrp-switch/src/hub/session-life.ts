/** Where a session stands with its connection. */
export type SessionLife = 'waiting' | 'bound' | 'parted' | 'ended';

/** What happens to a session. */
export type SessionInput =
  | { readonly kind: 'Opened' }
  | { readonly kind: 'Bound' }
  | { readonly kind: 'ConnectionLost' }
  | { readonly kind: 'TimeUp' }
  | { readonly kind: 'Dropped'; readonly reason: string }
  | { readonly kind: 'Closed' };

/** What is to be done about it. */
export type SessionEffect =
  | { readonly kind: 'ArmTimer'; readonly timer: 'bind' | 'rebind' }
  | { readonly kind: 'DisarmTimer' }
  | { readonly kind: 'TellBound' }
  | { readonly kind: 'TellLost'; readonly reason: string }
  | { readonly kind: 'Forget' };

type Step = readonly [SessionLife, readonly SessionEffect[]];

const disarm: SessionEffect = { kind: 'DisarmTimer' };
const forget: SessionEffect = { kind: 'Forget' };
const lost = (reason: string): SessionEffect => ({ kind: 'TellLost', reason });

/**
 * The life of a session from its offer to its end. The focus is told once that it is bound, and once that it is lost
 * unless the focus itself closed it; a connection that comes back within the grace is not worth a word.
 *
 * @spec RFC 4975 §5.4
 */
export function stepSession(life: SessionLife, input: SessionInput): Step {
  if (life === 'ended') return [life, []];
  switch (input.kind) {
    case 'Opened':
      return [life, [{ kind: 'ArmTimer', timer: 'bind' }]];
    case 'Bound':
      return ['bound', life === 'waiting' ? [disarm, { kind: 'TellBound' }] : [disarm]];
    case 'ConnectionLost':
      return life === 'bound' ? ['parted', [{ kind: 'ArmTimer', timer: 'rebind' }]] : [life, []];
    case 'TimeUp':
      if (life === 'bound') return [life, []];
      return ['ended', [lost(life === 'waiting' ? 'never bound' : 'connection lost'), forget]];
    case 'Dropped':
      return ['ended', [disarm, lost(input.reason), forget]];
    case 'Closed':
      return ['ended', [disarm, forget]];
  }
}
