import type { Member } from '../hub/hub.ts';
import type { Session } from '../hub/session.ts';
import type { MessageHead } from '../message/message-head.ts';
import type { Route } from '../message/route.ts';
import type { Errand } from './errand.ts';
import type { SaidDesk } from './said-desk.ts';

/** Who deals with each kind of messages. */
export interface MessageErrands {
  readonly said: Pick<SaidDesk, 'begun' | 'whole'>;
  readonly indicator: Errand;
  readonly notification: Errand;
  readonly amendment: Errand;
}

/** Whether a message is read whole before anything is done: by its kind, if its sender may send it at all. */
export function isErrand({ kind, from, to }: MessageHead, route: Route<Member>, sender: Session): boolean {
  // A notification is no message to its addressee: neither voice nor private messages are needed for it.
  if (kind.kind === 'notification') return from !== undefined && sender.owns(from);
  // That somebody composes no longer goes on though he lost his voice: the room would go on to show that he does.
  if (kind.kind === 'indicator' && route.kind === 'refused') return isForRoom(from, to, sender);
  return kind.kind !== 'said' && (route.kind === 'room' || route.kind === 'private');
}

function isForRoom(from: MessageHead['from'], to: MessageHead['to'], sender: Session): boolean {
  const [recipient = '', ...others] = to ?? [];
  return from !== undefined && sender.owns(from) && others.length === 0 && sender.hub.isRoom(recipient);
}

/** Who deals with a message that is an errand. */
export function errandFor({ indicator, notification, amendment }: MessageErrands, { kind }: MessageHead): Errand {
  if (kind.kind === 'indicator') return indicator;
  return kind.kind === 'notification' ? notification : amendment;
}
