import type { common, focus } from '@parley/contracts';
import { refusal } from '@parley/prelude';
import { replyMessage } from '../adapters/answer-message.ts';
import { invitationOf } from '../adapters/invitation-message.ts';
import { refused } from '../room/decision.ts';
import type { WatchNotice } from '../room/watch.ts';
import { notifyWatcher, shareDialog } from '../room/watch.ts';
import { gather } from './gathering.ts';
import type { Reply, RoomDesk } from './room-state.ts';

type WatchCommand = Extract<focus.FocusCommand['command'], { kind: 'shareDialog' | 'notifyParticipant' }>;

/** What the notification service has done in the dialogs of participants that watch the room there. */
export function takeWatch(desk: RoomDesk, commandId: string, command: WatchCommand): void {
  if (command.kind === 'shareDialog') share(desk, commandId, command.value.sip);
  else notify(desk, command.value);
}

function share(desk: RoomDesk, commandId: string, sip: common.SipIngress | undefined): void {
  const came = sip && invitationOf(commandId, sip);
  if (!came?.ok) desk.context.reply(replyMessage(refused(unreadable)));
  else gather(desk, { decide: (room) => shareDialog(room, came.value), reply: desk.context.deferReply() });
}

/** Sends a NOTIFY once its number is stored, and answers with what the device said. */
function notify(desk: RoomDesk, command: focus.NotifyParticipant): void {
  const reply = desk.context.deferReply();
  let notice: WatchNotice | undefined;
  gather(desk, {
    decide(room) {
      const [decision, toSend] = notifyWatcher(room, command);
      notice = toSend;
      return decision;
    },
    reply(answer) {
      if (notice === undefined || !desk.state.ownership.isValid()) reply(answer);
      else void deliver(desk, notice, reply);
    },
  });
}

async function deliver({ around }: RoomDesk, { reach, request }: WatchNotice, reply: Reply): Promise<void> {
  const response = await around.edges.notify(reach, request);
  reply(replyMessage(response === undefined ? refused(silent) : { kind: 'sip', response }));
}

const unreadable = refusal(400, 'Bad Request', 'expected a SUBSCRIBE within a dialog');
const silent = refusal(408, 'Request Timeout', 'the device did not answer');
