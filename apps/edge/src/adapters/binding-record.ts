import type { edge } from '@parley/contracts';
import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { field } from '@parley/sip';
import type { TransportProtocol } from '@parley/sip-stack';
import type { Binding } from '../registrar/binding.ts';
import { targetOf } from '../registrar/binding.ts';
import { traitsOf } from '../registrar/contact-traits.ts';
import type { SharedTexts } from './shared-texts.ts';

const protocols: readonly TransportProtocol[] = ['UDP', 'TCP', 'TLS', 'WS', 'WSS'];

/** The binding as its bucket keeps it. */
export function bindingToRecord(aor: string, binding: Binding): edge.BindingRecord {
  return {
    aor,
    contact: field.contact.serialise(binding.contact),
    instance: binding.contact.instance ?? '',
    regId: binding.contact.regId ?? 0,
    callId: binding.callId,
    cseq: binding.cSeq,
    q: binding.contact.q ?? 1,
    expiresAt: binding.expiresAt,
    edgeInstance: binding.edgeInstance,
    flow: binding.flow,
    transport: binding.transport,
    path: binding.path,
    supported: binding.supported,
    userAgent: binding.userAgent,
    registeredAt: binding.registeredAt,
    refreshedAt: binding.refreshedAt,
    accountSince: binding.accountSince,
    forRooms: binding.forRooms,
    outbound: binding.outbound,
    series: binding.series?.token ?? '',
    seriesCseq: binding.series?.cSeq ?? 0,
  };
}

/** The inverse of {@link bindingToRecord}, under the key that the bucket knows it by. */
export function bindingFromRecord(
  key: string,
  record: edge.BindingRecord,
  texts: SharedTexts,
): Result<Binding, ParseError> {
  const contact = field.contact.parse(record.contact);
  if (!contact.ok) return contact;
  const transport = protocols.find((protocol) => protocol === record.transport);
  if (contact.value === '*' || transport === undefined) return err(unreadable);
  return ok({
    key,
    contact: contact.value,
    ...traitsOf(contact.value),
    target: targetOf(contact.value),
    callId: record.callId,
    cSeq: record.cseq,
    expiresAt: record.expiresAt,
    edgeInstance: texts.of(record.edgeInstance),
    flow: record.flow,
    transport,
    path: texts.all(record.path),
    supported: texts.all(record.supported),
    userAgent: texts.of(record.userAgent),
    registeredAt: record.registeredAt,
    refreshedAt: record.refreshedAt,
    accountSince: record.accountSince,
    forRooms: record.forRooms,
    outbound: record.outbound,
    series: record.series === '' ? undefined : { token: record.series, cSeq: record.seriesCseq },
  });
}

const unreadable = parseError('BindingRecord', 0, 'RFC 3261 §10', 'expected an address and a known transport');
