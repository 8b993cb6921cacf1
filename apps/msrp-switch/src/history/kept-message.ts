import { cpimDateTime, cpimFrom, cpimHeader, dateTimeAt, imdnNamespace, parseCpimHead } from '@parley/cpim';
import { parseMimeHead } from '@parley/mime';
import type { history } from '@parley/contracts';
import type { ByteCodec } from '@parley/prelude';

/** What is known of a message before it is looked into. */
export interface Said {
  /** That of MSRP. */
  readonly messageId: string;
  readonly nickname: string;
  /** Who says what has this From, as the room knows him. */
  readonly senderOf: (from: string) => string;
  /** When it came to the room, milliseconds since 1970. */
  readonly at: number;
}

/** Where the content begins, and what stands in front of it. */
export interface KeptHead {
  readonly entry: Omit<history.HistoryEntry, 'content' | 'object' | 'size'>;
  readonly end: number;
}

/**
 * Reads the front of a message for the history. A message without DateTime gets one, as it will be delivered late.
 *
 * @returns undefined when it is no CPIM message
 * @spec RFC 3862 §4.4 (DateTime)
 */
export function keptHead(bytes: Uint8Array, said: Said, codec: ByteCodec): KeptHead | undefined {
  const scan = parseCpimHead(bytes, codec);
  if (!scan.ok || !scan.value.complete) return undefined;
  const { value: cpim } = scan.value;
  const wrapped = parseMimeHead(bytes, scan.value.end, codec);
  if (!wrapped.ok || !wrapped.value.complete) return undefined;
  const { value: fields, end } = wrapped.value;
  const from = cpimFrom(cpim, codec);
  const imdnId = cpimHeader(cpim, imdnNamespace, 'Message-ID')?.value.trim();
  const front = bytes.subarray(0, end);
  return {
    end,
    entry: {
      messageId: imdnId ?? said.messageId,
      from: from.ok ? from.value.uri : '',
      nickname: said.nickname,
      sender: from.ok ? said.senderOf(from.value.uri) : '',
      at: said.at,
      contentType: fields.find(({ name }) => name.toLowerCase() === 'content-type')?.value ?? 'text/plain',
      head: cpimDateTime(cpim).ok ? front : dated(front, said.at),
    },
  };
}

function dated(front: Uint8Array, at: number): Uint8Array {
  return Buffer.concat([Buffer.from(`DateTime: ${dateTimeAt(at)}\r\n`, 'latin1'), front]);
}
