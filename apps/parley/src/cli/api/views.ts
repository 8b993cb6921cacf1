import * as v from 'valibot';

const policyValue = v.union([v.boolean(), v.number(), v.string(), v.array(v.string())]);

/** A user as the API shows it. */
export const user = v.object({
  name: v.string(),
  displayName: v.string(),
  tel: v.string(),
  bindings: v.array(
    v.object({ contact: v.string(), instance: v.string(), expires: v.string(), transport: v.string() }),
  ),
});

/** What waits for a user, as the API shows it. */
export const mailbox = v.object({ waiting: v.number(), octets: v.number(), oldest: v.nullable(v.string()) });

/** A room as the API shows it; policies grow with the versions. */
export const room = v.object({
  name: v.string(),
  uri: v.string(),
  policy: v.record(v.string(), policyValue),
  participants: v.array(v.object({ uri: v.string(), nickname: v.string(), joinedAt: v.string() })),
});

/** A list of recipients as the API shows it. */
export const storedList = v.object({
  name: v.string(),
  uri: v.string(),
  displayName: v.string(),
  owner: v.string(),
  senders: v.string(),
  hideMembers: v.boolean(),
  members: v.array(v.string()),
});

/** Something that was said in a room, as the API shows it. */
export const historyItem = v.object({
  messageId: v.string(),
  from: v.string(),
  nickname: v.string(),
  at: v.string(),
  contentType: v.string(),
  text: v.optional(v.string()),
  base64: v.optional(v.string()),
  replaced: v.boolean(),
  recalled: v.boolean(),
});

/** What became of a message, as the API shows it. */
export const tracedMessage = v.object({
  id: v.string(),
  messageId: v.string(),
  callId: v.string(),
  cseq: v.number(),
  from: v.string(),
  to: v.string(),
  acceptedAt: v.string(),
  done: v.boolean(),
  recipients: v.array(v.object({ uri: v.string(), outcome: v.string(), status: v.number(), reason: v.string() })),
  steps: v.array(
    v.object({
      at: v.string(),
      step: v.string(),
      recipient: v.string(),
      devices: v.array(v.string()),
      status: v.number(),
      reason: v.string(),
    }),
  ),
});

/** A page of anything. */
export const page = v.object({ items: v.array(v.unknown()), next: v.nullable(v.string()) });

/** Why the API does not do something. */
export const failure = v.object({ error: v.object({ code: v.string(), message: v.string() }) });

/** Parsed {@link user}. */
export type User = v.InferOutput<typeof user>;

/** Parsed {@link mailbox}. */
export type Mailbox = v.InferOutput<typeof mailbox>;

/** Parsed {@link storedList}. */
export type StoredList = v.InferOutput<typeof storedList>;

/** Parsed {@link historyItem}. */
export type HistoryItem = v.InferOutput<typeof historyItem>;

/** Parsed {@link tracedMessage}. */
export type TracedMessage = v.InferOutput<typeof tracedMessage>;

/** Parsed {@link room}. */
export type Room = v.InferOutput<typeof room>;
