import type { ParseError, Result } from '@parley/prelude';
import { err, Fault, ok, parseError } from '@parley/prelude';
import { decodeToken, encodeToken } from './token.ts';

/** Processes that take part on the bus. */
export const serviceNames = ['edge', 'focus', 'msrp-switch', 'nickname', 'notification', 'console'] as const;

/** One of {@link serviceNames}. */
export type ServiceName = (typeof serviceNames)[number];

/** Services whose actors exist once in the cluster and are placed on shards. */
export type ShardedService = 'edge' | 'focus' | 'nickname' | 'notification';

/** What only one instance of a service can do. */
export interface InstanceRoles {
  readonly edge: 'egress' | 'branches';
  readonly 'msrp-switch': 'sessions' | 'media' | 'history';
}

/** What any instance of a service can do; its queue group picks one. */
export interface GroupRoles {
  readonly edge: 'accounts' | 'lists' | 'deliveries';
  readonly focus: 'rooms';
  readonly 'msrp-switch': 'sessions' | 'history';
}

/** Shards that a service is cut into; fixed, because an identity must hash to the same one everywhere. */
export const shardCount = 64;

/** Subject of the owner of a shard. `shard` is 0 to {@link shardCount} - 1. */
export function shardSubject(service: ShardedService, shard: number): string {
  if (!Number.isInteger(shard) || shard < 0 || shard >= shardCount) throw new Fault(`no shard ${shard}`);
  return `${service}.shard.${shard}`;
}

/** Subject of one instance, e.g. `edge.e1.egress`. */
export function instanceSubject<S extends keyof InstanceRoles>(
  service: S,
  instance: string,
  role: InstanceRoles[S],
): string {
  if (instance === 'shard') throw new Fault('an instance cannot be named "shard"');
  return `${service}.${encodeToken(instance)}.${role}`;
}

/** Subject that any instance answers, e.g. `edge.accounts`; those who serve it join the queue group {@link groupQueue}. */
export function groupSubject<S extends keyof GroupRoles>(service: S, role: GroupRoles[S]): string {
  return `${service}.${role}`;
}

/** Queue group of the instances of a service. */
export function groupQueue(service: ServiceName): string {
  return service;
}

/** Messages that wait for the devices of an account, in the stream `mailbox`. */
export function mailboxSubject(account: string): string {
  return `mailbox.${encodeToken(account)}`;
}

/** What goes in the place of messages that wait for the devices of an account, in the stream `amendments`. */
export function amendmentSubject(account: string): string {
  return `amendment.${encodeToken(account)}`;
}

/** Shards of the messages to lists; few, because each costs its owner a lease. */
export const listShardCount = 8;

/** Shards of what is collected for summaries; few, as those of lists. */
export const receiptShardCount = 8;

/** What is collected for summaries, in the stream `receipts`. `shard` is 0 to {@link receiptShardCount} - 1. */
export function receiptSubject(shard: number): string {
  return `receipt.${receiptShard(shard)}`;
}

/** Tells the owner of a shard that something was collected. */
export function receiptEventSubject(shard: number): string {
  return `event.receipt.${receiptShard(shard)}`;
}

function receiptShard(shard: number): number {
  if (!Number.isInteger(shard) || shard < 0 || shard >= receiptShardCount) throw new Fault(`no receipt shard ${shard}`);
  return shard;
}

/** Accepted messages to lists, in the stream `list-jobs`. `shard` is 0 to {@link listShardCount} - 1. */
export function listJobSubject(shard: number): string {
  return `list-job.${listShard(shard)}`;
}

/** Tells the owner of a shard of a message to a list that was accepted. */
export function listJobEventSubject(shard: number): string {
  return `event.list-job.${listShard(shard)}`;
}

/** What became of one message to a list, in the stream `list-outcomes`. */
export function listOutcomeSubject(id: string): string {
  return `list-outcome.${encodeToken(id)}`;
}

/** What became of messages whose senders asked, in the stream `traces`. `shard` is 0 to {@link shardCount} - 1. */
export function traceSubject(shard: number): string {
  if (!Number.isInteger(shard) || shard < 0 || shard >= shardCount) throw new Fault(`no trace shard ${shard}`);
  return `trace.${shard}`;
}

function listShard(shard: number): number {
  if (!Number.isInteger(shard) || shard < 0 || shard >= listShardCount) throw new Fault(`no list shard ${shard}`);
  return shard;
}

/** What was said in a room, in the stream `history`. */
export function historySubject(room: string): string {
  return `history.${encodeToken(room)}`;
}

/** Facts about the roster of one room. */
export function roomEventSubject(room: string): string {
  return `event.room.${encodeToken(room)}`;
}

/** Facts about the rosters of all rooms. */
export const allRoomEvents = 'event.room.*';

/** Asks every instance for its status. */
export const censusSubject = 'status.census';

/** What a subject means. */
export type Subject =
  | { readonly kind: 'shard'; readonly service: string; readonly shard: number }
  | { readonly kind: 'instance'; readonly service: string; readonly instance: string; readonly role: string }
  | { readonly kind: 'group'; readonly service: string; readonly role: string }
  | { readonly kind: 'mailbox'; readonly account: string }
  | { readonly kind: 'history'; readonly room: string }
  | { readonly kind: 'roomEvent'; readonly room: string }
  | { readonly kind: 'census' };

/** Reads a subject that a function of this file built. */
export function parseSubject(subject: string): Result<Subject, ParseError> {
  if (subject === censusSubject) return ok({ kind: 'census' });
  const [first = '', second = '', third, ...rest] = subject.split('.');
  if (rest.length > 0) return err(subjectError(subject));
  if (first === 'event' && second === 'room') return named(third ?? '', (room) => ({ kind: 'roomEvent', room }));
  if (first === 'mailbox' && third === undefined) return named(second, (account) => ({ kind: 'mailbox', account }));
  if (first === 'history' && third === undefined) return named(second, (room) => ({ kind: 'history', room }));
  if (!serviceNames.some((service) => service === first)) return err(subjectError(subject));
  if (third === undefined) return named(second, (role) => ({ kind: 'group', service: first, role }));
  if (second === 'shard') return parseShard(first, third);
  return named(second, (instance) => ({ kind: 'instance', service: first, instance, role: third }));
}

function parseShard(service: string, digits: string): Result<Subject, ParseError> {
  const shard = Number(digits);
  const isShard = /^(?:0|[1-9][0-9]?)$/.test(digits) && shard < shardCount;
  return isShard ? ok({ kind: 'shard', service, shard }) : err(subjectError(digits));
}

function named(token: string, build: (name: string) => Subject): Result<Subject, ParseError> {
  const name = decodeToken(token);
  return name.ok ? ok(build(name.value)) : name;
}

function subjectError(subject: string): ParseError {
  return parseError(
    'subject',
    0,
    'subjects',
    `expected a subject of this system, not one of ${subject.length} characters`,
  );
}
