import { serialiseCpimHead } from '@parley/cpim';
import type { MsrpRequestHead } from '@parley/msrp';
import { allowsFailureReport, createTransactionId, reportOn, serialiseRequest, wantsSuccessReport } from '@parley/msrp';
import type { Session } from '../hub/session.ts';
import type { MessageHead } from '../message/message-head.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * The REPORT on a private message that reaches nobody, around the addresses that it had.
 *
 * @spec draft-ietf-simple-chat-03 §6.2 (427, 428, with the original From and To in a Message/CPIM wrapper)
 */
export function refusalReport(
  { request }: IncomingChunk,
  { cpim }: MessageHead,
  code: number,
  { random, codec }: Surroundings,
): string {
  const transactionId = createTransactionId(random);
  const total = request.byteRange?.total ?? '*';
  const byteRange = { start: 1, end: total, total };
  const report = { ...reportOn(request, { transactionId, code, byteRange }), contentType: 'message/cpim' };
  const headers = cpim.headers.filter(({ name }) => name === 'From' || name === 'To');
  const head = serialiseCpimHead({ headers }, codec);
  const wrapper = `${codec.decodeLatin1(head, 0, head.length)}Content-Type: text/plain\r\n\r\n`;
  return serialiseRequest(report, '$', wrapper);
}

/** The REPORT that the switch, as the receiver of the session, sends when it has the whole message.
 * @spec RFC 4975 §7.1.3
 */
export function successReport({ request, message }: IncomingChunk, { random }: Surroundings): string {
  const size = message.next - 1;
  const byteRange = { start: 1, end: size, total: size };
  return serialiseRequest(reportOn(request, { transactionId: createTransactionId(random), code: 200, byteRange }), '$');
}

/** Remembers where reports on a private message go. Nothing is relayed in the dialect of RFC 7701 §6.3. */
export function expectReports(
  recipients: readonly Session[],
  { session, request }: IncomingChunk,
  { dialect, limits }: Surroundings,
): void {
  if (dialect !== 'draft-03' || !wantsSuccessReport(request) || request.messageId === undefined) return;
  const entry = { sender: session, tellsFailures: allowsFailureReport(request), reporter: undefined };
  for (const { awaited } of recipients) {
    const [oldest] = awaited.keys();
    if (awaited.size >= limits.awaitedReports && oldest !== undefined) awaited.delete(oldest);
    awaited.set(request.messageId, entry);
  }
}

/**
 * Passes a recipient's REPORT on to the sender of the private message.
 *
 * @spec draft-ietf-simple-chat-03 §6.2
 */
export function relayReport(session: Session, request: MsrpRequestHead, { random }: Surroundings): void {
  const entry = session.awaited.get(request.messageId ?? '');
  if (entry === undefined || (entry.reporter ?? session) !== session) return;
  if (request.status?.code !== 200 && !entry.tellsFailures) return;
  entry.reporter = session;
  const { outlet, path, terms } = entry.sender;
  const report = {
    ...request,
    transactionId: createTransactionId(random),
    toPath: terms.peerPath,
    fromPath: path,
    contentType: undefined,
    fields: [],
  };
  outlet?.send(serialiseRequest(report, '$'));
}
