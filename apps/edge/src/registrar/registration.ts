import type { ParseError, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { ContactAddress, SipRequest } from '@parley/sip';
import { field, read, readAll, readRaw, readRawAll } from '@parley/sip';

/** What a REGISTER asks for, once its grammar is known to be right. */
export interface Registration {
  /** Contacts to add, refresh or remove; `*` for all; none for a query. */
  readonly contacts: '*' | readonly ContactAddress[];
  /** Seconds of the Expires header field. */
  readonly expires: number | undefined;
  readonly callId: string;
  readonly cSeq: number;
  readonly path: readonly string[];
  readonly supported: readonly string[];
  readonly userAgent: string;
}

/** Reads a REGISTER that `checkRequest` passed. @spec RFC 3261 §10.2 */
export function parseRegistration(request: SipRequest): Result<Registration, ParseError> {
  const contacts = readAll(request, field.contact);
  if (!contacts.ok) return contacts;
  const expires = read(request, field.expires);
  if (!expires.ok) return expires;
  const supported = readAll(request, field.supported);
  if (!supported.ok) return supported;
  const cSeq = read(request, field.cSeq);
  if (!cSeq.ok) return cSeq;
  const addresses = contacts.value.filter((contact) => contact !== '*');
  if (addresses.length < contacts.value.length && contacts.value.length > 1) return err(starAmongOthers);
  return ok({
    contacts: addresses.length < contacts.value.length ? '*' : addresses,
    expires: expires.value,
    callId: readRaw(request, 'Call-ID') ?? '',
    cSeq: cSeq.value?.sequence ?? 0,
    path: readRawAll(request, 'Path'),
    supported: supported.value,
    userAgent: readRaw(request, 'User-Agent') ?? '',
  });
}

const starAmongOthers: ParseError = {
  kind: 'ParseError',
  rule: 'Contact',
  offset: 0,
  section: 'RFC 3261 §10.2.2',
  message: 'expected * to be the only Contact',
};
