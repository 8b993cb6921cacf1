import { network } from './network-type.ts';
import { integer, listOf } from './setting-type.ts';
import type { Setting, SettingTable, SettingValues } from './setting-table.ts';
import type { SettingType } from './setting-type.ts';

function setting<T>(type: SettingType<T>, meaning: string): Setting<T> {
  return { type, meaning };
}

const messagesPerSecond = integer(0, 1_000_000, 'messages a second');
const octetsPerSecond = integer(0, 2 ** 40, 'octets a second');
const connections = integer(1, 1_000_000, 'connections');
const seconds = integer(1, 2 ** 21, 'seconds');
const tries = integer(0, 1_000_000, 'wrong passwords');

/** What one peer may cost a SIP listener, and what happens beyond it; 0 switches a rate or a lock off. */
export const limitTable = {
  PARLEY_TRUSTED_HOSTS: setting(listOf(network), 'addresses without limits of rate and number'),
  PARLEY_CONNECTION_MESSAGES: setting(messagesPerSecond, 'of one connection; beyond: 503, then it is closed'),
  PARLEY_ADDRESS_MESSAGES: setting(messagesPerSecond, 'of one address; beyond: 503, then dropped or closed'),
  PARLEY_CONNECTION_OCTETS: setting(octetsPerSecond, 'of one connection; beyond: 503, then it is closed'),
  PARLEY_ADDRESS_OCTETS: setting(octetsPerSecond, 'of one address; beyond: 503, then dropped or closed'),
  PARLEY_CONNECTIONS: setting(connections, 'of an edge; beyond: a new one is closed'),
  PARLEY_ADDRESS_CONNECTIONS: setting(connections, 'of one address; beyond: a new one is closed'),
  PARLEY_UNAUTHENTICATED_CONNECTIONS: setting(connections, 'of strangers at one address; beyond: closed'),
  PARLEY_UNAUTHENTICATED_IDLE: setting(seconds, 'silence on the connection of a stranger; beyond: closed'),
  PARLEY_IDLE: setting(seconds, 'silence on any other connection; beyond: closed'),
  PARLEY_MESSAGE_TIME: setting(seconds, 'from the first octet of a message to its last; beyond: closed'),
  PARLEY_HANDSHAKE_TIME: setting(seconds, 'for the TLS handshake and the WebSocket upgrade; beyond: closed'),
  PARLEY_HEAD_OCTETS: setting(integer(2048, 2 ** 24, 'octets'), 'start-line and header fields; beyond: 513'),
  PARLEY_HEAD_FIELDS: setting(integer(16, 65_536, 'header fields'), 'of a message; beyond: 400'),
  PARLEY_LOCKOUT_TRIES: setting(tries, 'for an account from one address until it is locked there'),
  PARLEY_LOCKOUT_ADDRESS_TRIES: setting(tries, 'from one address until it is locked, for all new to it'),
  PARLEY_LOCKOUT_ACCOUNT_TRIES: setting(tries, 'for an account until it is locked, for addresses new to it'),
  PARLEY_OVERLOAD_DELAY: setting(
    integer(0, 60_000, 'milliseconds'),
    'a message may wait to be taken; beyond: some are answered 503; 0 switches it off',
  ),
} as const satisfies SettingTable;

/** Limits of peers, complete. */
export interface LimitSettings {
  /** Networks and addresses. */
  readonly trustedHosts: readonly string[];
  /** A second, each; 0: any number. */
  readonly connectionMessages: number;
  readonly addressMessages: number;
  readonly connectionOctets: number;
  readonly addressOctets: number;
  readonly connections: number;
  readonly addressConnections: number;
  readonly unauthenticatedConnections: number;
  /** Seconds. */
  readonly unauthenticatedIdle: number;
  /** Seconds. */
  readonly idle: number;
  /** Seconds. */
  readonly messageTime: number;
  /** Seconds. */
  readonly handshakeTime: number;
  readonly headOctets: number;
  readonly headFields: number;
  /** Wrong passwords; 0: any number. */
  readonly lockout: { readonly pair: number; readonly address: number; readonly account: number };
  /** Milliseconds; 0: never overloaded. */
  readonly overloadDelay: number;
}

/** Fills in the defaults; this machine alone is trusted. */
export function limitSettings(read: SettingValues<typeof limitTable>): LimitSettings {
  return {
    trustedHosts: read.PARLEY_TRUSTED_HOSTS ?? ['127.0.0.0/8', '::1'],
    connectionMessages: read.PARLEY_CONNECTION_MESSAGES ?? 200,
    addressMessages: read.PARLEY_ADDRESS_MESSAGES ?? 2_000,
    connectionOctets: read.PARLEY_CONNECTION_OCTETS ?? 2_097_152,
    addressOctets: read.PARLEY_ADDRESS_OCTETS ?? 16_777_216,
    connections: read.PARLEY_CONNECTIONS ?? 100_000,
    addressConnections: read.PARLEY_ADDRESS_CONNECTIONS ?? 10_000,
    unauthenticatedConnections: read.PARLEY_UNAUTHENTICATED_CONNECTIONS ?? 1_000,
    unauthenticatedIdle: read.PARLEY_UNAUTHENTICATED_IDLE ?? 60,
    idle: read.PARLEY_IDLE ?? 3_600,
    messageTime: read.PARLEY_MESSAGE_TIME ?? 10,
    handshakeTime: read.PARLEY_HANDSHAKE_TIME ?? 10,
    headOctets: read.PARLEY_HEAD_OCTETS ?? 65_535,
    headFields: read.PARLEY_HEAD_FIELDS ?? 256,
    lockout: {
      pair: read.PARLEY_LOCKOUT_TRIES ?? 5,
      address: read.PARLEY_LOCKOUT_ADDRESS_TRIES ?? 50,
      account: read.PARLEY_LOCKOUT_ACCOUNT_TRIES ?? 50,
    },
    overloadDelay: read.PARLEY_OVERLOAD_DELAY ?? 200,
  };
}
