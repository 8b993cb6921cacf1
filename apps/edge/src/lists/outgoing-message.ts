import type { RawField, SipRequest } from '@parley/sip';
import {
  field,
  read,
  readRaw,
  readRawAll,
  withAppended,
  withField,
  without,
  withRawField,
  withRequestUri,
} from '@parley/sip';
import { ok } from '@parley/prelude';
import type { HeaderDefinition } from '@parley/sip';
import { withContent } from './content.ts';
import type { Content } from './content.ts';
import type { Copy } from './plan-copies.ts';

/** Fields that belong to the request that came, not to those that it makes. @spec RFC 5365 §7.2 */
const ofTheIncoming = [
  'Via',
  'Route',
  'Record-Route',
  'Call-ID',
  'CSeq',
  'To',
  'Max-Forwards',
  'Require',
  'Proxy-Require',
  'Contact',
  'Timestamp',
  'P-Asserted-Identity',
  'P-Preferred-Identity',
];

/** Fields that prove who somebody is to a server. */
const ofCredentials = ['Authorization', 'Proxy-Authorization'];

/** Max-Forwards of a message of ours. @spec RFC 3261 §8.1.1.6 */
const maxForwards = 70;

/**
 * What all copies of a message share: what its sender said of it, and its content.
 *
 * @param realm - whose credentials end here
 * @param date - now, as Date has it
 * @param tag - of From, which is the sender's otherwise
 * @spec RFC 5365 §7.2
 */
export function sharedMessage(
  came: SipRequest,
  content: Content,
  { realm, date, tag }: { readonly realm: string; readonly date: string; readonly tag: string },
): SipRequest {
  const bare = ofTheIncoming.reduce((next, name) => without(next, { name }), came);
  const foreign = ofCredentials.reduce((next, name) => withoutOwn(next, name, realm), bare);
  const from = read(foreign, field.from);
  const own = from.ok && from.value !== undefined ? withField(foreign, field.from, { ...from.value, tag }) : foreign;
  const counted = withField(withRawField(own, 'CSeq', '1 MESSAGE'), field.maxForwards, maxForwards);
  const dated = readRaw(counted, 'Date') === undefined ? withRawField(counted, 'Date', date) : counted;
  return withContent(dated, content);
}

/** Credentials for other realms go on to all. @spec RFC 5365 §7.2 */
function withoutOwn(request: SipRequest, name: string, realm: string): SipRequest {
  const foreign = readRawAll(request, name).filter((value) => !value.includes(`realm="${realm}"`));
  return foreign.reduce((next, value) => withAppended(next, raw(name), value), without(request, { name }));
}

function raw(name: string): HeaderDefinition<string> {
  return { name, list: false, parse: (text) => ok(text), serialise: (text) => text };
}

/** The message for one recipient. @param callId - the same each time that this copy is made */
export function copyOf(shared: SipRequest, { uri, fields }: Copy, callId: string): SipRequest {
  const own: readonly RawField[] = [['To', `<${uri}>`], ['Call-ID', callId], ...fields];
  return own.reduce((next, [name, value]) => withRawField(next, name, value), withRequestUri(shared, uri));
}
