/** A key-value bucket: the newest value of each key, in JetStream. */
export interface BucketDefinition {
  readonly name: string;
  readonly description: string;
  /** Milliseconds after which the server forgets a value that is not written again; undefined: never. */
  readonly ttl?: number;
  /** Largest value, octets. */
  readonly maxValueSize: number;
  /** Part of what JetStream may fill that it may fill; undefined: as much as there is. A write that does not fit fails. */
  readonly share?: number;
}

/** An append-only stream in JetStream. */
export interface StreamDefinition {
  readonly name: string;
  readonly description: string;
  /** Subjects that it keeps; none of another stream's. */
  readonly subjects: readonly string[];
  /** Milliseconds that a message is kept; undefined: until purged. */
  readonly maxAge?: number;
  /** Octets kept in all; undefined: no limit. The oldest go first. */
  readonly maxOctets?: number;
  /** Part of what JetStream may fill that it may fill, above 0 and below 1; undefined: as much as there is. */
  readonly share?: number;
  /** `refuse` fails a write that does not fit; undefined: the oldest messages go. */
  readonly whenFull?: 'refuse';
  /** Messages kept per subject; undefined: all. The oldest go first. */
  readonly maxPerSubject?: number;
  /** Milliseconds for which ids of messages are remembered; undefined: two minutes. */
  readonly duplicateWindow?: number;
  /** Largest message, octets. */
  readonly maxMessageSize: number;
}

/** Large values under names, cut into messages of JetStream. */
export interface ObjectStoreDefinition {
  readonly name: string;
  readonly description: string;
  /** Milliseconds that an object is kept; undefined: until removed. */
  readonly maxAge?: number;
  /** Part of what JetStream may fill that it may fill; a write that does not fit fails. */
  readonly share?: number;
}

const day = 86_400_000;
const kibibyte = 1024;

/**
 * All buckets. A record is small; the largest holds two SDPs and a route set, and 256 KiB leaves it room. What users can add to without
 * end has a share; leases, accounts, registrations and what mail needs to go out have all that is left beside the shares.
 */
export const buckets = {
  accounts: { name: 'accounts', description: 'digest secrets and display names', maxValueSize: 64 * kibibyte },
  numbers: { name: 'numbers', description: 'which account lists a telephone number', maxValueSize: 4 * kibibyte },
  removedAccounts: {
    name: 'removed-accounts',
    description: 'accounts that are gone, for services that were away when they went',
    ttl: 7 * day, // whoever is away for longer finds nobody of theirs connected any more
    maxValueSize: 4 * kibibyte,
  },
  bindings: { name: 'bindings', description: 'where users can be reached', maxValueSize: 64 * kibibyte },
  devices: { name: 'devices', description: 'devices that mail is kept for', maxValueSize: 64 * kibibyte },
  mailboxes: { name: 'mailboxes', description: 'what mailboxes hold, and who waits', maxValueSize: 256 * kibibyte },
  cursors: { name: 'cursors', description: 'how far each device has read', maxValueSize: 256 * kibibyte },
  secrets: { name: 'secrets', description: 'keys that all edges share', maxValueSize: 4 * kibibyte },
  lists: {
    name: 'lists',
    description: 'stored lists of recipients',
    maxValueSize: 2048 * kibibyte, // some 30 000 members
    share: 0.01,
  },
  rooms: { name: 'rooms', description: 'policies and participants', maxValueSize: 256 * kibibyte },
  nicknames: { name: 'nicknames', description: 'reservations', maxValueSize: 16 * kibibyte },
  subscriptions: {
    name: 'subscriptions',
    description: 'who watches which room',
    ttl: day, // above any Expires granted; a subscription that was not refreshed is forgotten
    maxValueSize: 64 * kibibyte,
  },
  receipts: {
    name: 'receipts',
    description: 'messages to lists whose notifications are collected',
    ttl: 7 * day, // what comes later goes to the sender as it is
    maxValueSize: 16 * kibibyte,
    share: 0.01,
  },
  receiptRecipients: {
    name: 'receipt-recipients',
    description: 'who may notify of messages to lists',
    ttl: 7 * day, // as long as the receipts
    maxValueSize: 2048 * kibibyte,
    share: 0.01,
  },
  historyAmendments: {
    name: 'history-amendments',
    description: 'what took the place of what was said in rooms',
    maxValueSize: 1024 * kibibyte, // a range of messages; larger contents are objects
    share: 0.01,
  },
  placement: {
    name: 'placement',
    description: 'which instances live, and which shards they own',
    maxValueSize: 16 * kibibyte, // a table of 64 shards with the longest names
  },
} as const satisfies Record<string, BucketDefinition>;

/** All streams. What users send may not fill the store: leases, accounts and bindings have the rest, or nothing works at all. */
export const streams = {
  mailbox: {
    name: 'mailbox',
    description: 'page-mode messages that wait for a device',
    subjects: ['mailbox.*'],
    share: 0.4,
    whenFull: 'refuse', // accepted mail is never thrown away
    duplicateWindow: 40_000, // a client repeats a request for 32 s (RFC 3261 §17.1.2.2, Timer F)
    maxMessageSize: 32 * 1024 * kibibyte, // above the largest PARLEY_MAX_SIZE; the payload limit of NATS comes first
  },
  amendments: {
    name: 'amendments',
    description: 'messages that go in the place of stored ones',
    subjects: ['amendment.*'],
    share: 0.05,
    whenFull: 'refuse',
    duplicateWindow: 40_000, // the owner of a mailbox knows requests for longer
    maxMessageSize: 32 * 1024 * kibibyte,
  },
  listJobs: {
    name: 'list-jobs',
    description: 'messages to lists on their way to the recipients',
    subjects: ['list-job.*'],
    share: 0.1,
    whenFull: 'refuse',
    duplicateWindow: 40_000,
    maxMessageSize: 32 * 1024 * kibibyte, // a body, and its recipients
  },
  receipts: {
    name: 'receipts',
    description: 'notifications that wait for a summary',
    subjects: ['receipt.*'],
    maxAge: 8 * day, // above the bucket of the same name
    share: 0.05,
    whenFull: 'refuse', // who notifies is told so, and may try again
    maxMessageSize: 8 * 1024 * kibibyte, // names every recipient once
  },
  listOutcomes: {
    name: 'list-outcomes',
    description: 'what became of messages to lists',
    subjects: ['list-outcome.*'],
    maxAge: 7 * day,
    share: 0.05,
    maxMessageSize: 8 * 1024 * kibibyte, // names every recipient once
  },
  traces: {
    name: 'traces',
    description: 'what became of messages whose senders asked',
    subjects: ['trace.*'],
    maxAge: 7 * day,
    share: 0.05,
    maxOctets: 256 * 1024 * kibibyte, // some 700 000 messages; older ones go first
    maxMessageSize: 1024 * kibibyte, // a batch is cut far below
  },
  history: {
    name: 'history',
    description: 'what was said in rooms',
    subjects: ['history.*'],
    share: 0.1,
    maxAge: 30 * day, // of a room that is silent; how many messages are kept, its policy says
    maxMessageSize: 1024 * kibibyte, // a batch is cut below the payload limit of NATS
  },
} as const satisfies Record<string, StreamDefinition>;

/** All object stores. */
export const objectStores = {
  historyBodies: {
    name: 'history-bodies',
    description: 'large contents of what was said in rooms',
    maxAge: 30 * day, // as long as the history itself
    share: 0.1,
  },
} as const satisfies Record<string, ObjectStoreDefinition>;
