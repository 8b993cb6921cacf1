import type { focus } from '@parley/contracts';
import { escapeUser, isSipUri, parseUri } from '@parley/sip';
import * as v from 'valibot';
import { exactly, integerOf, textOf } from './validate.ts';

const flag = v.boolean('expected true or false');
/** Largest number that travels as uint32. */
const uint32 = 2 ** 32 - 1;
/** Members that one room may list. */
const maxMembers = 1_000;

/** Addresses that people write: a SIP URI, or the name of an account here. */
const memberMessage = 'expected an address such as sip:alice@localhost, or the name of an account';

/**
 * The address-of-record that somebody is known by: scheme sip, host in lower case, no port and no parameters.
 *
 * @returns undefined for what is no address
 */
export function memberAddress(text: string, domain: string): string | undefined {
  if (/^[^\s:@<>"]{1,64}$/.test(text)) return `sip:${escapeUser(text)}@${domain}`;
  const uri = parseUri(text);
  if (!uri.ok || !isSipUri(uri.value)) return undefined;
  const { user, host } = uri.value;
  return user === undefined || user === '' ? undefined : `sip:${user}@${host.toLowerCase()}`;
}

function memberOf(domain: string) {
  return v.pipe(
    v.string(memberMessage),
    v.maxLength(256, memberMessage),
    v.check((text) => memberAddress(text, domain) !== undefined, memberMessage),
    v.transform((text) => memberAddress(text, domain) ?? text),
  );
}

function policyEntries(domain: string) {
  const countMessage = `expected a list of at most ${maxMembers} addresses`;
  const addresses = v.pipe(v.array(memberOf(domain), countMessage), v.maxLength(maxMembers, countMessage));
  return {
    nicknames: v.exactOptional(flag),
    nicknameScope: v.exactOptional(v.picklist(['room', 'domain'], 'expected "room" or "domain"')),
    privateMessages: v.exactOptional(flag),
    welcome: v.exactOptional(textOf(0, 4096)),
    history: v.exactOptional(integerOf(0, 100_000, 'messages kept')),
    replay: v.exactOptional(integerOf(0, 1000, 'messages sent to a newcomer')),
    maxParticipants: v.exactOptional(integerOf(0, uint32, 'participants (0: as many as come)')),
    maxSize: v.exactOptional(integerOf(1, 2 ** 31, 'octets')),
    persistent: v.exactOptional(flag),
    endsWithCreator: v.exactOptional(flag),
    membersOnly: v.exactOptional(flag),
    members: v.exactOptional(addresses),
    banned: v.exactOptional(addresses),
    speakers: v.exactOptional(addresses),
    password: v.exactOptional(textOf(0, 256)),
    moderated: v.exactOptional(flag),
    hideMembers: v.exactOptional(flag),
    mediaServer: v.exactOptional(textOf(0, 256)),
  };
}

/** What somebody says of a policy; the rest stays, or is as usual. */
export type PolicyWish = Partial<Omit<focus.RoomPolicy, 'membersPresent' | 'banned' | 'speakers'>> & {
  readonly banned?: readonly string[];
  readonly speakers?: readonly string[];
};

/** Bodies about rooms. */
export interface RoomSchemas {
  /** Of POST /rooms; the address of the room decides what a name may be. */
  readonly create: v.GenericSchema<object, PolicyWish & { readonly name: string }>;
  /** Of PATCH /rooms/{room}. */
  readonly change: v.GenericSchema<object, PolicyWish>;
}

/** Makes the {@link RoomSchemas}. @param domain - of the accounts that members are named by */
export function roomSchemas(domain: string): RoomSchemas {
  const policy = policyEntries(domain);
  return {
    create: exactly({ name: v.string('expected text'), ...policy }),
    change: exactly(policy),
  };
}

/** Body of what is done to somebody in a room. */
export const somebody = exactly({ who: textOf(1, 256) });

/** Body of POST /rooms/{room}/announcements. */
export const announcement = exactly({ text: textOf(1, 4096) });
