import { parseCpim } from '@parley/cpim';
import type { Imdn } from '@parley/imdn';
import { imdnsOf } from '@parley/imdn';
import { unwrap } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';

/** What a message in CPIM is beyond its text. */
export interface CpimShape {
  readonly id?: string;
  readonly requests?: string;
  readonly type?: string;
  /** URI in From. */
  readonly from?: string;
  /** Further headers. */
  readonly headers?: readonly string[];
}

/** A body of `message/cpim` from alice to bob. */
export function cpimBody(
  text: string,
  { id = 'm1', requests = '', type = 'text/plain', from = 'sip:alice@localhost', headers = [] }: CpimShape = {},
): string {
  const asks = requests === '' ? [] : [`imdn.Disposition-Notification: ${requests}`];
  const head = [`From: <${from}>`, 'To: <sip:bob@localhost>', 'DateTime: 2026-11-21T10:00:00Z'];
  return [...head, `imdn.Message-ID: ${id}`, ...asks, ...headers, '', `Content-Type: ${type}`, '', text].join('\r\n');
}

/** The disposition notifications that a request carries. */
export function imdnsIn(request: SipRequest): readonly Imdn[] {
  return unwrap(imdnsOf(unwrap(parseCpim(request.body)).content));
}
