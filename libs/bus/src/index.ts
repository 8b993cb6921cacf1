export { askOwner, ownerSubject } from './ask-owner.ts';
export type {
  Bucket,
  BucketEntry,
  BucketEvent,
  BucketWatch,
  BucketWatcher,
  Created,
  Deleted,
  DeletedKey,
  Updated,
} from './bucket.ts';
export { edgeIsGone } from './edge-is-gone.ts';
export type { Following } from './follow-bucket.ts';
export { followBucket } from './follow-bucket.ts';
export type {
  Bus,
  BusCounts,
  BusState,
  GatherOptions,
  MessageContext,
  MessageHandler,
  MessageOptions,
  RequestContext,
  RequestHandler,
  RequestOptions,
  ServeOptions,
  Subscription,
} from './bus.ts';
export { declined } from './bus.ts';
export type { BusFailure, BusFailureReason } from './bus-failure.ts';
export { busFailure } from './bus-failure.ts';
export { leaseStore } from './lease-store.ts';
export { maxSubjectLength } from './link-guard.ts';
export type { BusLogger } from './logger.ts';
export { silentLogger } from './logger.ts';
export type { MemoryBroker, MemoryBusOptions } from './memory/memory-bus.ts';
export { createMemoryBroker, createMemoryBus } from './memory/memory-bus.ts';
export type { Appended, AppendOptions, MessageStream, ReadOptions, StoredMessage } from './message-stream.ts';
export type { ObjectStore } from './object-store.ts';
export type { OwnedRecords } from './owned-records.ts';
export { OwnWrites } from './own-writes.ts';
export { OwnershipLost, ownedRecords, stored, StoreFailed } from './owned-records.ts';
export { rawBytes } from './raw-bytes.ts';
export type { ConnectBusOptions } from './nats/connect-bus.ts';
export { connectBus } from './nats/connect-bus.ts';
export { ShardScan } from './shard-scan.ts';
export type { ShardCommand, ShardedActorsOptions } from './sharded-actors.ts';
export { serveShards } from './sharded-actors.ts';
export type { StreamShard, StreamShardsOptions } from './stream-shards.ts';
export { StreamShards } from './stream-shards.ts';
export type { CensusOptions } from './service/answer-census.ts';
export { answerCensus } from './service/answer-census.ts';
export { joinBus } from './service/join-bus.ts';
export { leaseState } from './service/lease-state.ts';
export { actorObserver, placementObserver } from './service/observers.ts';
export type { ReceiptEntry } from './service/receipt-journal.ts';
export { ReceiptJournal } from './service/receipt-journal.ts';
export type { RoomAsker } from './service/room-pages.ts';
export { refusalIn, roomPages, showRoom } from './service/room-pages.ts';
