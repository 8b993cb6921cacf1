import { createHash } from 'node:crypto';
import { createCpimHead, dateTimeAt, serialiseCpim } from '@parley/cpim';
import { aggregatedContent, writeImdnHeaders } from '@parley/imdn';
import { parseBoundary } from '@parley/mime';
import type { ByteCodec } from '@parley/prelude';
import { Fault } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { createRequest } from '@parley/sip';
import type { Notice, OpenedReceipt } from './receipt.ts';

/**
 * The MESSAGE that carries one summary, without Via. The same notifications make the same message each time, so that one that
 * is sent again after a crash is known by its names.
 *
 * @spec RFC 5438 §8.3, §7.2.1
 */
export function summaryMessage(
  { messageId, list, sender }: OpenedReceipt,
  batch: readonly Notice[],
  codec: ByteCodec,
): SipRequest {
  const at = Math.max(...batch.map(({ cameAt }) => cameAt));
  const digest = digestOf(messageId, sender, batch);
  const boundary = parseBoundary(`summary-${digest.slice(0, 24)}`);
  if (!boundary.ok) throw new Fault('a boundary of hexadecimal digits that is none');
  const content = aggregatedContent(
    batch.map(({ payload }) => payload),
    boundary.value,
    codec,
  );
  const { headers } = createCpimHead({ from: { uri: list }, to: [{ uri: sender }], dateTime: dateTimeAt(at) });
  const head = { headers: [...headers, ...writeImdnHeaders({ messageId: digest.slice(24, 48) })] };
  return createRequest({
    method: 'MESSAGE',
    requestUri: sender,
    fields: [
      ['From', `<${list}>;tag=${digest.slice(48, 58)}`],
      ['To', `<${sender}>`],
      ['Call-ID', digest.slice(32)],
      ['CSeq', '1 MESSAGE'],
      ['Date', new Date(at).toUTCString()],
      ['Content-Type', 'message/cpim'],
    ],
    body: serialiseCpim({ head, content }, codec),
  });
}

function digestOf(messageId: string, sender: string, batch: readonly Notice[]): string {
  const hash = createHash('sha256').update(`summary\n${messageId}\n${sender}`);
  for (const { sequence, payload } of batch) hash.update(`\n${sequence}\n`).update(payload);
  return hash.digest('hex');
}
