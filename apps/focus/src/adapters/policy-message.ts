import type { focus } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import type { PolicyChange, RoomPolicy } from '../room/policy.ts';

/** Members of the longest list, and characters of the longest text: a record stays far below the bucket's limit. */
const limits = { members: 1000, member: 128, welcome: 4096, password: 256, history: 100_000 } as const;

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
  return policyChange({ ...message, members: message.members.map((member) => addressOf(member, terms.domain)) });
}

/** What a message says of a policy, or 400 for what no room can be like. */
export function policyChange(message: focus.RoomPolicy): Result<PolicyChange, Refusal> {
  const complaint = complaintOf(message);
  if (complaint !== undefined) return err(refusal(400, 'Bad Request', complaint));
  const { nicknameScope, members, membersPresent, ...flags } = message;
  const said = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as PolicyChange; // the same keys and types, absent where undefined
  return ok({
    ...said,
    ...(nicknameScope === undefined ? {} : { nicknameScope: nicknameScope === 'domain' ? 'domain' : 'room' }),
    ...(membersPresent || members.length > 0 ? { members } : {}),
  });
}

/** `alice`, `alice@localhost` and `sip:alice@localhost` are one member of the domain localhost. */
function addressOf(member: string, domain: string): string {
  if (!member.includes('@')) return `sip:${member.replace(/^sips?:/, '')}@${domain}`;
  return /^[a-z][a-z0-9+.-]*:/i.test(member) ? member : `sip:${member}`;
}

function complaintOf({ nicknameScope, members, welcome, password, history }: focus.RoomPolicy): string | undefined {
  if (nicknameScope !== undefined && nicknameScope !== 'room' && nicknameScope !== 'domain') {
    return 'nicknameScope: expected room or domain';
  }
  if (members.length > limits.members || members.some((member) => member.length > limits.member)) {
    return `members: expected at most ${limits.members} addresses of at most ${limits.member} characters`;
  }
  if ((welcome ?? '').length > limits.welcome) return `welcome: expected at most ${limits.welcome} characters`;
  if ((password ?? '').length > limits.password) return `password: expected at most ${limits.password} characters`;
  if ((history ?? 0) > limits.history) return `history: expected at most ${limits.history} messages`;
  return undefined;
}

/** A whole policy as a message. */
export function policyMessage(policy: RoomPolicy): focus.RoomPolicy {
  return { ...policy, membersPresent: true };
}

/** A stored policy; what a newer version did not store yet has its default. */
export function storedPolicy(message: focus.RoomPolicy | undefined, defaults: RoomPolicy): RoomPolicy {
  const change = message === undefined ? undefined : policyChange(message);
  return change?.ok ? { ...defaults, ...change.value } : defaults;
}
