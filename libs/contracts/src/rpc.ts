import type { Codec } from './codec.ts';
import * as common from './generated/common.ts';
import * as edge from './generated/edge.ts';
import * as focus from './generated/focus.ts';
import * as history from './generated/history.ts';
import * as lists from './generated/lists.ts';
import * as msrpSwitch from './generated/msrp-switch.ts';
import * as nickname from './generated/nickname.ts';
import * as notification from './generated/notification.ts';
import * as receipts from './generated/receipts.ts';

/** A question and its answer, as they travel together. */
export interface Rpc<Question, Answer> {
  readonly request: Codec<Question>;
  readonly reply: Codec<Answer>;
}

/** Every request of the system, by what it asks for. */
export const rpc = {
  /** `edge.<instance>.egress` */
  egress: { request: edge.EgressCommand, reply: edge.EgressReply },
  /** `edge.accounts` */
  accounts: { request: edge.AccountCommand, reply: edge.AccountReply },
  /** `edge.lists` */
  lists: { request: lists.ListsCommand, reply: lists.ListsReply },
  /** `edge.deliveries` */
  deliveries: { request: receipts.DeliverRequest, reply: receipts.DeliverReply },
  /** `edge.shard.<n>` */
  mailbox: { request: edge.MailboxNews, reply: edge.MailboxNoted },
  /** `focus.shard.<n>` */
  focus: { request: focus.FocusCommand, reply: focus.FocusReply },
  /** `focus.rooms` */
  rooms: { request: focus.ListRooms, reply: focus.RoomList },
  /** `msrp-switch.<instance>.sessions` and `msrp-switch.sessions` */
  sessions: { request: msrpSwitch.SwitchCommand, reply: msrpSwitch.SwitchReply },
  /** `msrp-switch.<instance>.history` and `msrp-switch.history` */
  history: { request: history.HistoryCommand, reply: history.HistoryReply },
  /** `nickname.shard.<n>` */
  nickname: { request: nickname.NicknameCommand, reply: nickname.NicknameReply },
  /** `notification.shard.<n>` */
  notification: { request: notification.NotificationCommand, reply: notification.NotificationReply },
  /** `status.census` */
  census: { request: common.Census, reply: common.InstanceStatus },
} as const;
