import { Fault } from '@parley/prelude';
import { createRequest, field, readRawAll, serialiseUri } from '@parley/sip';
import type { RawField, SipRequest } from '@parley/sip';
import type { Dialog } from './dialog.ts';

/** What a request inside a dialog has beyond what the dialog dictates. */
export interface DialogRequestParts {
  /** Contact, Content-Type and the like; Via is put on by the transaction layer. */
  readonly fields?: readonly RawField[];
  readonly body?: Uint8Array | undefined;
  /** CSeq number of our first request in the dialog, below 2^31. Default 1. */
  readonly firstSequence?: number;
}

/** Request-URI and Route values. */
interface Routed {
  readonly requestUri: string;
  readonly routes: readonly string[];
}

/**
 * Where a request goes: to the remote target through the route set, or in the manner of RFC 2543 to the first of the
 * route set where that is a strict router.
 *
 * @spec RFC 3261 §12.2.1.1
 */
function routed({ routeSet, remoteTarget }: Dialog): Routed {
  const [first, ...rest] = routeSet;
  const strict = first === undefined ? undefined : strictRouter(first);
  if (strict === undefined) return { requestUri: remoteTarget, routes: routeSet };
  return { requestUri: strict, routes: [...rest, `<${remoteTarget}>`] };
}

/** The route as a Request-URI, without what is not allowed there (§19.1.1, Table 1); undefined for a loose router. */
function strictRouter(route: string): string | undefined {
  const parsed = field.route.parse(route);
  if (!parsed.ok || parsed.value.uri.kind !== 'sip') return undefined;
  const { uri } = parsed.value;
  if (uri.parameters.has('lr')) return undefined;
  const parameters = new Map([...uri.parameters].filter(([name]) => name !== 'method'));
  return serialiseUri({ ...uri, parameters, headers: [] });
}

function withTag(address: string, tag: string): string {
  return tag === '' ? address : `${address};tag=${tag}`;
}

function build(dialog: Dialog, method: string, sequence: number, parts: DialogRequestParts): SipRequest {
  const { requestUri, routes } = routed(dialog);
  const fields: readonly RawField[] = [
    ...routes.map((route): RawField => ['Route', route]),
    ['Max-Forwards', '70'],
    ['From', withTag(dialog.localAddress, dialog.localTag)],
    ['To', withTag(dialog.remoteAddress, dialog.remoteTag)],
    ['Call-ID', dialog.callId],
    ['CSeq', `${sequence} ${method}`],
    ...(parts.fields ?? []),
  ];
  return createRequest({ method, requestUri, fields, body: parts.body });
}

/**
 * The next request of a dialog (BYE, INFO, a re-INVITE …), and the dialog that has sent it.
 *
 * @throws Fault for ACK and CANCEL, which take their number from the request they belong to
 * @spec RFC 3261 §12.2.1.1
 */
export function dialogRequest(
  dialog: Dialog,
  method: string,
  parts: DialogRequestParts = {},
): readonly [SipRequest, Dialog] {
  if (method === 'ACK' || method === 'CANCEL') throw new Fault(`${method} has no number of its own`);
  const localSequence = dialog.localSequence === undefined ? (parts.firstSequence ?? 1) : dialog.localSequence + 1;
  return [build(dialog, method, localSequence, parts), { ...dialog, localSequence }];
}

/** The request that ends a dialog made by INVITE. @spec RFC 3261 §15.1.1 */
export function byeRequest(dialog: Dialog, parts: DialogRequestParts = {}): readonly [SipRequest, Dialog] {
  return dialogRequest(dialog, 'BYE', parts);
}

/**
 * The ACK of a 2xx: the number of its INVITE, and the same credentials.
 *
 * @param invite - as it was sent; its CSeq and credentials are taken
 * @spec RFC 3261 §13.2.2.4, §22.1
 */
export function ackRequest(dialog: Dialog, invite: SipRequest, parts: DialogRequestParts = {}): SipRequest {
  const sequence = field.cSeq.parse(readRawAll(invite, 'CSeq')[0] ?? '');
  if (!sequence.ok) throw new Fault('our own INVITE has no CSeq', { cause: sequence.error });
  const credentials = ['Authorization', 'Proxy-Authorization'].flatMap((name) =>
    readRawAll(invite, name).map((value): RawField => [name, value]),
  );
  return build(dialog, 'ACK', sequence.value.sequence, { ...parts, fields: [...credentials, ...(parts.fields ?? [])] });
}
