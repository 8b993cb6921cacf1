import { escapeUser, isSipUri, parseUri } from '@parley/sip';
import { usageError } from '../exit-code.ts';

/** Of URIs that are addresses of a user. */
const schemes: ReadonlySet<string> = new Set(['sip', 'sips', 'im', 'tel']);

/** Somebody as a SIP URI: a name stands for the account of that name. @throws CommandError for what is neither */
export function personUri(text: string, domain: string, option: string): string {
  if (isName(text)) return `sip:${escapeUser(text)}@${domain}`;
  const uri = parseUri(text);
  if (uri.ok && isSipUri(uri.value)) return text;
  throw usageError(`${option}: expected a name, or an address such as sip:bob@${domain}`);
}

/** Whom a message is for: a name, or an address of a user of whatever scheme. @throws CommandError for what is neither */
export function recipientUri(text: string, domain: string, option: string): string {
  if (isName(text)) return personUri(text, domain, option);
  const uri = parseUri(text);
  if (uri.ok && schemes.has(uri.value.scheme)) return text;
  throw usageError(
    `${option}: expected a name, or an address such as sip:bob@${domain}, im:bob@${domain} or tel:+15551234`,
  );
}

function isName(text: string): boolean {
  return /^[^\s:@<>"]+$/.test(text);
}

/** A chat room as a SIP URI; names of rooms hold what those of accounts do not. @throws CommandError for what is neither */
export function roomUri(text: string, chatDomain: string): string {
  const uri = parseUri(text);
  if (uri.ok && isSipUri(uri.value)) return text;
  if (text !== '' && !/^sips?:/i.test(text)) return `sip:${escapeUser(text)}@${chatDomain}`;
  throw usageError(`room: expected a name, or an address such as sip:lobby@${chatDomain}`);
}
