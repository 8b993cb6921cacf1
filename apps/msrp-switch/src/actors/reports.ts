import { serialiseCpimHead } from '@parley/cpim';
import type { ByteRange, MsrpRequestHead, SharedHead } from '@parley/msrp';
import { allowsFailureReport, createTransactionId, reportOn, serialiseRequest, wantsSuccessReport } from '@parley/msrp';
import type { Random } from '@parley/prelude';
import type { AwaitedReport, Session } from '../hub/session.ts';
import type { SwitchLimits } from '../limits.ts';
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
export function successReport({ request, message, start, received }: IncomingChunk, { random }: Surroundings): string {
  const size = message.arrived.total ?? start - 1 + received;
  const byteRange = { start: 1, end: size, total: size };
  return serialiseRequest(reportOn(request, { transactionId: createTransactionId(random), code: 200, byteRange }), '$');
}

/** The REPORT on a chunk that was taken, and then could not be delivered. @spec RFC 4975 §7.1.4 */
export function failureReport(request: MsrpRequestHead, code: number, byteRange: ByteRange, random: Random): string {
  return serialiseRequest(reportOn(request, { transactionId: createTransactionId(random), code, byteRange }), '$');
}

/**
 * Remembers where reports on a private message go. Nothing is relayed in the dialect of RFC 7701 §6.3.
 *
 * @param copyId - Message-ID of the copies
 */
export function expectReports(
  recipients: readonly Session[],
  { session, request }: IncomingChunk,
  copyId: string,
  { limits }: Surroundings,
): void {
  const { messageId } = request;
  if (messageId === undefined || !(wantsSuccessReport(request) || allowsFailureReport(request))) return;
  const tells = { tellsSuccess: wantsSuccessReport(request), tellsFailures: allowsFailureReport(request) };
  awaitReports(recipients, copyId, { sender: session, messageId, ...tells }, limits);
}

/** Remembers with each recipient whom its REPORT is for. */
export function awaitReports(
  recipients: readonly Session[],
  copyId: string,
  report: Omit<AwaitedReport, 'reporter'>,
  { awaitedReports }: SwitchLimits,
): void {
  const entry = { ...report, reporter: undefined };
  for (const { awaited } of recipients) {
    const [oldest] = awaited.keys();
    if (awaited.size >= awaitedReports && oldest !== undefined) awaited.delete(oldest);
    awaited.set(copyId, entry);
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
  if (request.status?.code === 200 ? !entry.tellsSuccess : !entry.tellsFailures) return;
  entry.reporter = session;
  const report = { ...request, messageId: entry.messageId };
  if ('relay' in entry.sender) entry.sender.relay(report);
  else sendReport(entry.sender, report, random);
}

/** Sends who said a private message a REPORT on it. */
export function sendReport(sender: Session, report: SharedHead, random: Random): void {
  const { outlet, path, peerPath } = sender;
  if (peerPath === undefined || outlet?.isOpen !== true) return;
  const paths = { transactionId: createTransactionId(random), toPath: peerPath, fromPath: path };
  outlet.send(serialiseRequest({ ...report, ...paths, contentType: undefined, fields: [] }, '$'));
}
