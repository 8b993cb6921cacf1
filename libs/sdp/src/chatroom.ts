import { isToken } from './values.ts';

/** What the chat room of a stream supports and allows: the tokens of `a=chatroom`, none being its bare form. */
export type ChatroomTokens = readonly string[];

/**
 * Reads the value of `a=chatroom`; undefined when it is malformed or has a token twice.
 *
 * @spec RFC 7701 §8
 */
export function readChatroom(value: string): ChatroomTokens | undefined {
  if (value === '') return [];
  const tokens = value.split(' ').filter((token) => token !== '');
  return tokens.every(isToken) && new Set(tokens).size === tokens.length ? tokens : undefined;
}

/**
 * Whether nicknames may be used.
 *
 * @deviation The drafts spelt the token `nicknames`, and both spellings are met; RFC 7701 has `nickname`.
 */
export function allowsNicknames(tokens: ChatroomTokens): boolean {
  return tokens.includes('nickname') || tokens.includes('nicknames');
}

/** Whether messages that replace or recall others are understood. @spec docs/specs/replace-message.md §4.4 */
export function understandsAmendments(tokens: ChatroomTokens): boolean {
  return tokens.includes('replace-message');
}

/** Whether private messages may be sent. @spec RFC 7701 §8 */
export function allowsPrivateMessages(tokens: ChatroomTokens): boolean {
  return tokens.includes('private-messages');
}
