import { isComposingType } from '@parley/iscomposing';
import type { ParseError, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { ContactAddress, SipRequest } from '@parley/sip';
import { field, read, readAll, readRaw, readRawAll } from '@parley/sip';
import type { Acceptance } from '../mailbox/device.ts';
import { accepts } from '../plain-only/accepts.ts';
import { isSecureRequest } from '../routing/secure-targets.ts';

/** What a REGISTER asks for, once its grammar is known to be right. */
export interface Registration {
  /** Contacts to add, refresh or remove; `*` for all; none for a query. */
  readonly contacts: '*' | readonly ContactAddress[];
  /** Seconds of the Expires header field. */
  readonly expires: number | undefined;
  readonly callId: string;
  readonly cSeq: number;
  readonly path: readonly string[];
  /** Option tags of Supported, in lower case. */
  readonly supported: readonly string[];
  readonly userAgent: string;
  /** What Accept says. */
  readonly says: Acceptance;
  /**
   * Whether the first hop of the device keeps its flow: this edge, when only the device itself is in Via, or a proxy that
   * says so by `ob` in its Path, which is the undermost.
   *
   * @spec RFC 5626 §6, §5.1
   */
  readonly isFlowKept: boolean;
  /** Whether it came to the chat domain: a registration for rooms alone. */
  readonly forRooms: boolean;
  /** Whether Request-URI and Path are `sips:` throughout, as a `sips:` contact has to have them. @spec RFC 5630 §5.2 */
  readonly isSecure: boolean;
}

/** Reads a REGISTER that `checkRequest` passed. @spec RFC 3261 §10.2 */
export function parseRegistration(request: SipRequest, forRooms: boolean): Result<Registration, ParseError> {
  const contacts = readAll(request, field.contact);
  if (!contacts.ok) return contacts;
  const expires = read(request, field.expires);
  if (!expires.ok) return expires;
  const supported = readAll(request, field.supported);
  if (!supported.ok) return supported;
  const cSeq = read(request, field.cSeq);
  if (!cSeq.ok) return cSeq;
  const path = readAll(request, field.path);
  if (!path.ok) return path;
  const addresses = contacts.value.filter((contact) => contact !== '*');
  if (addresses.length < contacts.value.length && contacts.value.length > 1) return err(starAmongOthers);
  return ok({
    contacts: addresses.length < contacts.value.length ? '*' : addresses,
    expires: expires.value,
    callId: readRaw(request, 'Call-ID') ?? '',
    cSeq: cSeq.value?.sequence ?? 0,
    path: path.value.map((value) => field.path.serialise(value)),
    supported: supported.value.map((tag) => tag.toLowerCase()),
    userAgent: readRaw(request, 'User-Agent') ?? '',
    says: { cpim: accepts(request, 'message/cpim'), composing: takesComposing(request) },
    isFlowKept: hasOneVia(request) || hasOb(path.value.at(-1)?.uri),
    forRooms,
    isSecure: isSecureRequest(request) && path.value.every(({ uri }) => uri.kind === 'sip' && uri.scheme === 'sips'),
  });
}

/**
 * Whether its Accept has is-composing; undefined: it says nothing.
 *
 * @deviation liblinphone leaves out what it takes and shows (seen with 5.1): from it no mention says nothing
 */
function takesComposing(request: SipRequest): boolean | undefined {
  const says = accepts(request, isComposingType);
  return says === false && /linphone|belle-sip/i.test(readRaw(request, 'User-Agent') ?? '') ? undefined : says;
}

function hasOneVia(request: SipRequest): boolean {
  const [first, ...others] = readRawAll(request, 'Via');
  if (first === undefined || others.length > 0) return false;
  if (!first.includes(',')) return true;
  const all = readAll(request, field.via);
  return all.ok && all.value.length === 1;
}

function hasOb(uri: ContactAddress['uri'] | undefined): boolean {
  return uri?.kind === 'sip' && uri.parameters.has('ob');
}

const starAmongOthers: ParseError = {
  kind: 'ParseError',
  rule: 'Contact',
  offset: 0,
  section: 'RFC 3261 §10.2.2',
  message: 'expected * to be the only Contact',
};
