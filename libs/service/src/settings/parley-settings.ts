import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { err, ok } from '@parley/prelude';
import type { Result } from '@parley/prelude';
import { isLoopback, isUnspecified } from './address-types.ts';
import type { HostPort } from './address-types.ts';
import { limitSettings } from './limit-table.ts';
import type { LimitSettings } from './limit-table.ts';
import { oidcSettings } from './oidc-table.ts';
import type { OidcSettings } from './oidc-table.ts';
import { parleyTable } from './parley-table.ts';
import type { FederationPeer } from './peer-type.ts';
import { readSettings, settingError } from './setting-table.ts';
import type { Environment, SettingError, SettingValues } from './setting-table.ts';
import type { InitialUser } from './user-type.ts';

/** All settings of Parley, with the defaults of `npm start`; every service takes those that concern it. */
export interface ParleySettings {
  readonly domain: string;
  readonly domainAliases: readonly string[];
  readonly chatDomain: string;
  readonly host: string;
  readonly publicHost: string;
  readonly sipPort: number;
  readonly sipsPort: number;
  readonly sipWsPort: number;
  readonly msrpPort: number;
  readonly msrpsPort: number;
  readonly msrpWsPort: number;
  readonly httpPort: number;
  /** Servers of one NATS; empty when none is given. */
  readonly natsUrls: readonly string[];
  readonly natsPort: number;
  /** Copies of each bucket and stream. */
  readonly natsReplicas: number;
  /** What JetStream may fill; undefined when unset: as much as it allows itself. */
  readonly storeOctets: number | undefined;
  readonly dataDir: string;
  /** Undefined when unset: demo accounts on loopback, none elsewhere. */
  readonly users: readonly InitialUser[] | undefined;
  readonly auth: 'digest' | 'none';
  /** Most accounts that are made for who comes without one, where nobody is challenged. */
  readonly newcomers: number;
  /** Octets. */
  readonly maxSize: number;
  /** Octets. */
  readonly msrpMaxSize: number;
  /** MSRP sessions of one switch. */
  readonly msrpSessions: number;
  readonly chatDialect: 'draft-03' | 'rfc7701';
  readonly roomCreate: 'anyone' | 'factory' | 'admin';
  readonly nicknamesReserved: readonly string[];
  /** Seconds for which a nickname is kept for who has left. */
  readonly nicknameQuarantine: number;
  /** Seconds. */
  readonly minExpires: number;
  /** PEM files of our own certificate; undefined when it is generated. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly tlsCa: string | undefined;
  readonly dns: HostPort | undefined;
  readonly url: string;
  /** Whether {@link ParleySettings.url} was set rather than derived from the HTTP port. */
  readonly urlGiven: boolean;
  readonly adminToken: string | undefined;
  readonly federation: 'off' | 'peers' | 'open';
  readonly peers: readonly FederationPeer[];
  /** Seconds. */
  readonly offlineTtl: number;
  /** Most undelivered messages of one account. */
  readonly mailboxMessages: number;
  /** Most octets of undelivered messages of one account. */
  readonly mailboxOctets: number;
  /** Recipients of one message to a list. */
  readonly listMax: number;
  readonly listConsent: 'members' | 'anyone';
  readonly log: LogLevel;
  readonly instance: string | undefined;
  readonly healthPort: number | undefined;
  /** 0: one per core. */
  readonly workers: number;
  readonly nativeSockets: 'auto' | 'off' | 'required';
  /** Milliseconds that a shard's lease lasts. */
  readonly lease: number;
  /** Seconds. */
  readonly drainLimit: number;
  /** What peers may cost. */
  readonly limits: LimitSettings;
  /** Whose bearer tokens are taken; undefined for nobody's. */
  readonly oidc: OidcSettings | undefined;
}

/** Levels of pino. */
export type LogLevel = NonNullable<SettingValues<typeof parleyTable>['PARLEY_LOG']>;

type Read = SettingValues<typeof parleyTable>;

/** Reads, checks and completes all settings. */
export function parleySettings(environment: Environment): Result<ParleySettings, SettingError> {
  const read = readSettings(parleyTable, 'PARLEY_', environment);
  if (!read.ok) return read;
  const settings = complete(read.value);
  const complaint = contradiction(read.value, settings);
  return complaint === undefined ? ok(settings) : err(complaint);
}

function complete(read: Read): ParleySettings {
  const limits = limitSettings(read);
  return { ...addresses(read), ...ports(read), ...policy(read), ...operation(read), limits, oidc: oidcSettings(read) };
}

function addresses(read: Read) {
  const domain = read.PARLEY_DOMAIN ?? 'localhost';
  const host = read.PARLEY_HOST ?? '127.0.0.1';
  return {
    domain,
    domainAliases: read.PARLEY_DOMAIN_ALIASES ?? [],
    // No name ends in an address (RFC 3261 §25.1).
    chatDomain: read.PARLEY_CHAT_DOMAIN ?? `chat.${isIPv4(domain) ? 'localhost' : domain}`,
    host,
    publicHost: read.PARLEY_PUBLIC_HOST ?? (isUnspecified(host) ? machineAddress() : host),
  };
}

function ports(read: Read) {
  return {
    sipPort: read.PARLEY_SIP_PORT ?? 5060,
    sipsPort: read.PARLEY_SIPS_PORT ?? 5061,
    sipWsPort: read.PARLEY_SIP_WS_PORT ?? 5066,
    msrpPort: read.PARLEY_MSRP_PORT ?? 2855,
    msrpsPort: read.PARLEY_MSRPS_PORT ?? 2856,
    msrpWsPort: read.PARLEY_MSRP_WS_PORT ?? 2866,
    httpPort: read.PARLEY_HTTP_PORT ?? 8080,
    natsPort: read.PARLEY_NATS_PORT ?? 4222,
    healthPort: read.PARLEY_HEALTH_PORT,
  };
}

function policy(read: Read) {
  return {
    users: read.PARLEY_USERS,
    auth: read.PARLEY_AUTH ?? 'digest',
    newcomers: read.PARLEY_NEWCOMERS ?? 100_000,
    maxSize: read.PARLEY_MAX_SIZE ?? 65_536,
    msrpMaxSize: read.PARLEY_MSRP_MAX_SIZE ?? 10_485_760,
    msrpSessions: read.PARLEY_MSRP_SESSIONS ?? 100_000,
    chatDialect: read.PARLEY_CHAT_DIALECT ?? 'draft-03',
    roomCreate: read.PARLEY_ROOM_CREATE ?? 'anyone',
    nicknamesReserved: read.PARLEY_NICKNAMES_RESERVED ?? ['admin', 'administrator', 'moderator', 'system'],
    nicknameQuarantine: read.PARLEY_NICKNAME_QUARANTINE ?? 60,
    minExpires: read.PARLEY_MIN_EXPIRES ?? 60,
    federation: read.PARLEY_FEDERATION ?? 'off',
    peers: read.PARLEY_PEERS ?? [],
    offlineTtl: read.PARLEY_OFFLINE_TTL ?? 604_800,
    mailboxMessages: read.PARLEY_MAILBOX_MESSAGES ?? 10_000,
    mailboxOctets: read.PARLEY_MAILBOX_OCTETS ?? 67_108_864,
    listMax: read.PARLEY_LIST_MAX ?? 10_000,
    listConsent: read.PARLEY_LIST_CONSENT ?? 'members',
  } as const;
}

function operation(read: Read) {
  const { PARLEY_TLS_CERT: cert, PARLEY_TLS_KEY: key } = read;
  return {
    natsUrls: read.PARLEY_NATS_URL ?? [],
    natsReplicas: read.PARLEY_NATS_REPLICAS ?? 1,
    storeOctets: read.PARLEY_STORE_OCTETS,
    dataDir: read.PARLEY_DATA_DIR ?? './.parley',
    tls: cert === undefined || key === undefined ? undefined : { cert, key },
    tlsCa: read.PARLEY_TLS_CA,
    dns: read.PARLEY_DNS,
    url: read.PARLEY_URL ?? `http://127.0.0.1:${read.PARLEY_HTTP_PORT ?? 8080}`,
    urlGiven: read.PARLEY_URL !== undefined,
    adminToken: read.PARLEY_ADMIN_TOKEN,
    log: read.PARLEY_LOG ?? 'info',
    instance: read.PARLEY_INSTANCE,
    workers: read.PARLEY_WORKERS ?? 0,
    nativeSockets: read.PARLEY_NATIVE_SOCKETS ?? 'auto',
    lease: read.PARLEY_LEASE_MS ?? 9000,
    drainLimit: read.PARLEY_DRAIN_LIMIT ?? 20,
  } as const;
}

/** Settings that are allowed each, but not together. */
function contradiction(read: Read, settings: ParleySettings): SettingError | undefined {
  if (settings.auth === 'none' && !isLoopback(settings.host)) {
    return settingError(
      'PARLEY_AUTH',
      'none',
      `is not allowed with PARLEY_HOST=${settings.host}: it must be a loopback address`,
    );
  }
  if ((read.PARLEY_TLS_CERT === undefined) !== (read.PARLEY_TLS_KEY === undefined)) {
    const given = read.PARLEY_TLS_CERT === undefined ? 'PARLEY_TLS_KEY' : 'PARLEY_TLS_CERT';
    return settingError(
      given,
      read[given] ?? '',
      'is not allowed alone: PARLEY_TLS_CERT and PARLEY_TLS_KEY go together',
    );
  }
  const { users = [], peers } = settings;
  return (
    ambiguousChatDomain(settings) ??
    named('PARLEY_USERS', '***', twice(users.map(({ name }) => name))) ??
    named(
      'PARLEY_PEERS',
      peers.map(({ domain, uri }) => `${domain}=${uri}`).join(),
      twice(peers.map(({ domain }) => domain)),
    )
  );
}

/** The first name that has come before. */
function twice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

function named(variable: string, shown: string, name: string | undefined): SettingError | undefined {
  return name === undefined ? undefined : settingError(variable, shown, `is not allowed: it must name ${name} once`);
}

/** The first address by which other machines can reach this one; loopback when there is none. */
function machineAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
}

/** One name cannot be that of users and that of rooms. */
function ambiguousChatDomain({ domain, domainAliases, chatDomain }: ParleySettings): SettingError | undefined {
  const isTaken = [domain, ...domainAliases].some((name) => name.toLowerCase() === chatDomain.toLowerCase());
  if (!isTaken) return undefined;
  return settingError(
    'PARLEY_CHAT_DOMAIN',
    chatDomain,
    'is not allowed: it must be no name of PARLEY_DOMAIN and its aliases',
  );
}
