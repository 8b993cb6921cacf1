import { addressPort, domain, host, url } from './address-types.ts';
import { federationPeer } from './peer-type.ts';
import { limitTable } from './limit-table.ts';
import { oidcTable } from './oidc-table.ts';
import { integer, listOf, oneOf, port, secret, text } from './setting-type.ts';
import type { Setting, SettingTable } from './setting-table.ts';
import type { SettingType } from './setting-type.ts';
import { initialUser } from './user-type.ts';

/** A word that may stand in a subject and in a key of the store. */
const keyToken: SettingType<string> = {
  allowed: 'letters, digits, - and _, at most 64',
  parse: (value) => (/^[\w-]{1,64}$/.test(value) ? value : undefined),
};

function setting<T>(type: SettingType<T>, meaning: string): Setting<T> {
  return { type, meaning };
}

/** Every variable that a part of Parley reads; those behind PARLEY_LOG are for those who start single services. */
export const parleyTable = {
  PARLEY_DOMAIN: setting(domain, 'the SIP domain served'),
  PARLEY_DOMAIN_ALIASES: setting(listOf(host), 'further names of the same domain'),
  PARLEY_CHAT_DOMAIN: setting(domain, 'domain of the chat rooms; chat.localhost where PARLEY_DOMAIN is an address'),
  PARLEY_HOST: setting(host, 'address that all listeners bind'),
  PARLEY_PUBLIC_HOST: setting(host, 'host put in Via, Record-Route, Contact and MSRP paths'),
  PARLEY_SIP_PORT: setting(port, 'SIP over UDP and TCP'),
  PARLEY_SIPS_PORT: setting(port, 'SIP over TLS'),
  PARLEY_SIP_WS_PORT: setting(port, 'SIP over WebSocket'),
  PARLEY_MSRP_PORT: setting(port, 'MSRP over TCP'),
  PARLEY_MSRPS_PORT: setting(port, 'MSRP over TLS'),
  PARLEY_MSRP_WS_PORT: setting(port, 'MSRP over WebSocket'),
  PARLEY_HTTP_PORT: setting(port, 'web client, HTTP API, health and metrics'),
  PARLEY_NATS_URL: setting(
    listOf(url('nats', 'tls', 'ws', 'wss')),
    'the NATS to use; unset, npm start runs a private one',
  ),
  PARLEY_NATS_PORT: setting(port, 'port of the private NATS'),
  PARLEY_DATA_DIR: setting(text, 'files of the private NATS, and generated certificates'),
  PARLEY_USERS: setting(listOf(initialUser), 'accounts made at start if absent'),
  PARLEY_AUTH: setting(oneOf('digest', 'none'), 'how requests are authenticated; none on loopback only'),
  PARLEY_NEWCOMERS: setting(
    integer(0, 10_000_000, 'accounts'),
    'with PARLEY_AUTH=none, most accounts made for who comes without one',
  ),
  PARLEY_MAX_SIZE: setting(integer(1, 2 ** 24, 'octets'), 'largest page-mode body'),
  PARLEY_MSRP_MAX_SIZE: setting(integer(1, 2 ** 31, 'octets'), 'largest MSRP message'),
  PARLEY_MSRP_SESSIONS: setting(
    integer(1, 10_000_000, 'sessions'),
    'MSRP sessions of one switch; beyond: newcomers of its rooms go to another',
  ),
  PARLEY_CHAT_DIALECT: setting(oneOf('draft-03', 'rfc7701'), 'status codes of chat rooms'),
  PARLEY_ROOM_CREATE: setting(oneOf('anyone', 'factory', 'admin'), 'who may create a room by joining it'),
  PARLEY_NICKNAMES_RESERVED: setting(listOf(text), 'nicknames that nobody gets'),
  PARLEY_NICKNAME_QUARANTINE: setting(
    integer(0, 604_800, 'seconds'),
    'how long a nickname is kept for who left the room; 0, not at all',
  ),
  PARLEY_MIN_EXPIRES: setting(integer(1, 2 ** 31, 'seconds'), 'shortest registration and subscription accepted'),
  PARLEY_TLS_CERT: setting(text, 'PEM file of the certificate chain'),
  PARLEY_TLS_KEY: setting(text, 'PEM file of its key'),
  PARLEY_TLS_CA: setting(text, 'PEM file of the authorities trusted'),
  PARLEY_DNS: setting(addressPort(53), 'resolver for RFC 3263'),
  PARLEY_URL: setting(url('http', 'https'), 'where the command line finds the HTTP API'),
  PARLEY_ADMIN_TOKEN: setting(secret, 'bearer token of the HTTP API'),
  PARLEY_FEDERATION: setting(oneOf('off', 'peers', 'open'), 'requests from foreign domains to local users'),
  PARLEY_PEERS: setting(listOf(federationPeer), 'next hops of foreign domains'),
  PARLEY_OFFLINE_TTL: setting(
    integer(0, 2 ** 31, 'seconds'),
    'how long an undelivered message without Expires is kept; 0: not at all, it is answered 480',
  ),
  PARLEY_MAILBOX_MESSAGES: setting(integer(1, 2 ** 31, 'messages'), 'most undelivered messages of one account'),
  PARLEY_MAILBOX_OCTETS: setting(integer(1, 2 ** 40, 'octets'), 'most octets of undelivered messages of one account'),
  PARLEY_LIST_MAX: setting(
    integer(1, 20_000, 'recipients'),
    'recipients of one message to a list, and members of one list',
  ),
  PARLEY_LIST_CONSENT: setting(
    oneOf('members', 'anyone'),
    'whom a message to a list may reach: members of the domain, or other domains too',
  ),
  PARLEY_LOG: setting(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'lowest level logged'),
  PARLEY_INSTANCE: setting(keyToken, 'name of this process among its like; unique per start'),
  PARLEY_HEALTH_PORT: setting(port, 'health and metrics of one service alone; unset, none'),
  PARLEY_WORKERS: setting(integer(0, 256, 'workers'), 'workers of an edge or a switch; 0, one per core'),
  PARLEY_NATIVE_SOCKETS: setting(
    oneOf('auto', 'off', 'required'),
    'UDP and TCP of the edge, TCP of the switch by an add-on in C: where it could be built, never, or do not start without',
  ),
  PARLEY_NATS_REPLICAS: setting(integer(1, 5, 'copies'), 'copies of what JetStream keeps; 3 in a cluster'),
  PARLEY_STORE_OCTETS: setting(
    integer(2 ** 20, 2 ** 50, 'octets'),
    'what JetStream may fill; mail and history keep to their shares. npm start: three quarters of the free disk',
  ),
  PARLEY_LEASE_MS: setting(
    integer(3000, 600_000, 'milliseconds'), // a second of collecting, and one of writing to disk, must not cost a lease
    'how long shards stay with an instance that says nothing',
  ),
  ...limitTable,
  ...oidcTable,
  PARLEY_DRAIN_LIMIT: setting(integer(1, 3600, 'seconds'), 'how long a service may drain before it is cut off'),
} as const satisfies SettingTable;
