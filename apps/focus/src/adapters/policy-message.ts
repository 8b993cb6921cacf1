import type { focus } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { parseUri } from '@parley/sip';
import { addressOf, longestList } from '../room/persons.ts';
import type { PolicyChange, RoomPolicy } from '../room/policy.ts';

/** Members of the longest list, and characters of the longest text: a record stays far below the bucket's limit. */
const limits = { member: 128, welcome: 4096, password: 256, mediaServer: 256, history: 100_000, replay: 1000 } as const;

/** What a message of an operator is read with. */
export interface PolicyTerms {
  /** Domain of members that are named without one. */
  readonly domain: string;
  /** Octets of the largest message that switches take. */
  readonly largestSize: number;
}

/** What an operator says of a policy, or 400 for what no room can be like. */
export function requestedChange(message: focus.RoomPolicy, terms: PolicyTerms): Result<PolicyChange, Refusal> {
  const { maxSize = terms.largestSize } = message;
  if (maxSize < 1 || maxSize > terms.largestSize) {
    return err(refusal(400, 'Bad Request', `maxSize: expected 1 to ${terms.largestSize} octets`));
  }
  const addresses = (list: readonly string[]): readonly string[] => list.map((one) => addressOf(one, terms.domain));
  const { members, banned, speakers } = message;
  return policyChange({
    ...message,
    members: addresses(members),
    banned: banned && { items: addresses(banned.items) },
    speakers: speakers && { items: addresses(speakers.items) },
  });
}

/** What a message says of a policy, or 400 for what no room can be like. */
export function policyChange(message: focus.RoomPolicy): Result<PolicyChange, Refusal> {
  const complaint = complaintOf(message);
  if (complaint !== undefined) return err(refusal(400, 'Bad Request', complaint));
  const { nicknameScope, members, membersPresent, banned, speakers, ...flags } = message;
  const said = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as PolicyChange; // the same keys and types, absent where undefined
  return ok({
    ...said,
    ...(nicknameScope === undefined ? {} : { nicknameScope: nicknameScope === 'domain' ? 'domain' : 'room' }),
    ...(membersPresent || members.length > 0 ? { members } : {}),
    ...(banned === undefined ? {} : { banned: banned.items }),
    ...(speakers === undefined ? {} : { speakers: speakers.items }),
  });
}

function complaintOf(message: focus.RoomPolicy): string | undefined {
  const { nicknameScope, members, banned, speakers, welcome, password, history, replay, mediaServer } = message;
  if (nicknameScope !== undefined && nicknameScope !== 'room' && nicknameScope !== 'domain') {
    return 'nicknameScope: expected room or domain';
  }
  for (const [key, list] of Object.entries({ members, banned: banned?.items, speakers: speakers?.items })) {
    if (list === undefined || isListOfAddresses(list)) continue;
    return `${key}: expected at most ${longestList} addresses of at most ${limits.member} characters`;
  }
  if ((welcome ?? '').length > limits.welcome) return `welcome: expected at most ${limits.welcome} characters`;
  if ((password ?? '').length > limits.password) return `password: expected at most ${limits.password} characters`;
  if ((history ?? 0) > limits.history) return `history: expected at most ${limits.history} messages`;
  if (mediaServer !== undefined && !isServer(mediaServer)) {
    return `mediaServer: expected a SIP URI of at most ${limits.mediaServer} characters, or nothing`;
  }
  if ((replay ?? 0) > limits.replay) return `replay: expected at most ${limits.replay} messages`;
  return undefined;
}

function isServer(text: string): boolean {
  const uri = text === '' || text.length > limits.mediaServer ? undefined : parseUri(text);
  return text === '' || (uri?.ok === true && uri.value.kind === 'sip' && uri.value.headers.length === 0);
}

function isListOfAddresses(list: readonly string[]): boolean {
  return list.length <= longestList && list.every((one) => one.length <= limits.member);
}

/** A whole policy as a message. */
export function policyMessage(policy: RoomPolicy): focus.RoomPolicy {
  const { banned, speakers } = policy;
  return { ...policy, membersPresent: true, banned: { items: banned }, speakers: { items: speakers } };
}

/** A stored policy; what a newer version did not store yet has its default. */
export function storedPolicy(message: focus.RoomPolicy | undefined, defaults: RoomPolicy): RoomPolicy {
  const change = message === undefined ? undefined : policyChange(message);
  return change?.ok ? { ...defaults, ...change.value } : defaults;
}
