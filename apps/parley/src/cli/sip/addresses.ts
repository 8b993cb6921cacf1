import { escapeUser, isSipUri, parseUri } from '@parley/sip';
import { usageError } from '../exit-code.ts';

/** Somebody as a SIP URI: a name stands for the account of that name. @throws CommandError for what is neither */
export function personUri(text: string, domain: string, option: string): string {
  if (/^[^\s:@<>"]+$/.test(text)) return `sip:${escapeUser(text)}@${domain}`;
  const uri = parseUri(text);
  if (uri.ok && isSipUri(uri.value)) return text;
  throw usageError(`${option}: expected a name, or an address such as sip:bob@${domain}`);
}

/** A chat room as a SIP URI; names of rooms hold what those of accounts do not. @throws CommandError for what is neither */
export function roomUri(text: string, chatDomain: string): string {
  const uri = parseUri(text);
  if (uri.ok && isSipUri(uri.value)) return text;
  if (text !== '' && !/^sips?:/i.test(text)) return `sip:${escapeUser(text)}@${chatDomain}`;
  throw usageError(`room: expected a name, or an address such as sip:lobby@${chatDomain}`);
}
