import * as v from 'valibot';
import { exactly, textOf } from './validate.ts';

/** Members that one list may have; the edge may allow fewer. */
const maxMembers = 20_000;
const nameMessage = 'expected 1 to 64 letters, digits or any of - _ . ! ~ * + =';
const membersMessage = `expected a list of at most ${maxMembers} addresses, or names of accounts`;
const members = v.pipe(v.array(textOf(1, 256), membersMessage), v.maxLength(maxMembers, membersMessage));

const properties = {
  displayName: v.optional(textOf(0, 128), ''),
  owner: v.optional(textOf(0, 64), ''),
  senders: v.optional(v.picklist(['members', 'owner', 'anyone'], 'expected "members", "owner" or "anyone"'), 'members'),
  hideMembers: v.optional(v.boolean('expected true or false'), false),
  members: v.optional(members, []),
};

/** Body of POST /lists. */
export const newList = exactly({
  name: v.pipe(v.string(nameMessage), v.regex(/^[A-Za-z0-9\-_.!~*+=]{1,64}$/, nameMessage)),
  ...properties,
});

/** Body of PUT /lists/{name}: all of it; what is absent is as usual. */
export const wholeList = exactly(properties);

/** Body of PATCH /lists/{name}/members. */
export const memberChange = exactly({ add: v.optional(members, []), remove: v.optional(members, []) });
