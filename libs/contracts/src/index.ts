export type { Codec } from './codec.ts';
export * as common from './generated/common.ts';
export * as edge from './generated/edge.ts';
export * as focus from './generated/focus.ts';
export * as history from './generated/history.ts';
export * as lease from './generated/lease.ts';
export * as lists from './generated/lists.ts';
export * as media from './generated/media.ts';
export * as msrpSwitch from './generated/msrp-switch.ts';
export * as nickname from './generated/nickname.ts';
export * as notification from './generated/notification.ts';
export * as receipts from './generated/receipts.ts';
export * as traces from './generated/traces.ts';
export {
  accountKey,
  bindingKey,
  bindingsPrefix,
  deviceKey,
  devicesPrefix,
  historyAmendmentsKey,
  historyAmendmentsPrefix,
  listKey,
  mailboxKey,
  receiptKey,
  nicknameKey,
  nicknamesPrefix,
  numberKey,
  participantKey,
  participantsPrefix,
  roomKey,
  subscriptionKey,
} from './keys.ts';
export type { Rpc } from './rpc.ts';
export { rpc } from './rpc.ts';
export type { BucketDefinition, ObjectStoreDefinition, StreamDefinition } from './storage.ts';
export { buckets, objectStores, streams } from './storage.ts';
export type { GroupRoles, InstanceRoles, ServiceName, ShardedService, Subject } from './subjects.ts';
export {
  allRoomEvents,
  amendmentSubject,
  censusSubject,
  groupQueue,
  groupSubject,
  historySubject,
  instanceSubject,
  listJobEventSubject,
  listJobSubject,
  listOutcomeSubject,
  listShardCount,
  mailboxSubject,
  parseSubject,
  receiptEventSubject,
  receiptShardCount,
  receiptSubject,
  roomEventSubject,
  serviceNames,
  shardCount,
  shardSubject,
  traceSubject,
} from './subjects.ts';
export { decodeToken, encodeToken } from './token.ts';
