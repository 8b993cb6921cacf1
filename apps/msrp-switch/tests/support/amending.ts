import { cpim } from './peer.ts';
import { room } from './house.ts';

/** What a message says beside its addresses. */
export interface Saying {
  readonly id?: string;
  readonly replaces?: string;
  readonly action?: string;
  readonly asks?: string;
  readonly type?: string;
}

/** A CPIM message with the headers of RFC 5438 and of docs/specs/replace-message.md. */
export function saying(
  from: string,
  text: string,
  { id, replaces, action, asks, type = 'text/plain' }: Saying = {},
  to: string = room,
): string {
  const imdn = [
    ...(id === undefined ? [] : [`imdn.Message-ID: ${id}`]),
    ...(asks === undefined ? [] : [`imdn.Disposition-Notification: ${asks}`]),
  ];
  const replace = [
    ...(replaces === undefined ? [] : [`replace.Message-ID: ${replaces}`]),
    ...(action === undefined ? [] : [`replace.Action: ${action}`]),
  ];
  const lines = [
    ...(imdn.length === 0 ? [] : ['NS: imdn <urn:ietf:params:imdn>', ...imdn]),
    ...(replace.length === 0 ? [] : ['NS: replace <urn:parley:params:cpim:replace>', ...replace]),
  ];
  const headers = lines.map((line) => `${line}\r\n`).join('');
  return cpim(from, to, text, type).replace('DateTime:', `${headers}DateTime:`);
}

/** A notification of delivery. */
export function imdn(messageId: string, recipient: string, type: 'delivery' | 'display' = 'delivery'): string {
  const status = type === 'delivery' ? 'delivered' : 'displayed';
  return `<?xml version="1.0" encoding="UTF-8"?>
<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>${messageId}</message-id><datetime>2026-11-21T12:00:00Z</datetime>
<recipient-uri>${recipient}</recipient-uri><original-recipient-uri>${recipient}</original-recipient-uri>
<${type}-notification><status><${status}/></status></${type}-notification></imdn>`;
}

/** A status message of RFC 3994. */
export function composing(state: 'active' | 'idle', more = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>${state}</state>${more}</isComposing>`;
}
