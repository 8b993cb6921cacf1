import type { CpimHead } from '@parley/cpim';
import { cpimFrom, cpimTo, parseCpimHead } from '@parley/cpim';
import { parseMimeHead } from '@parley/mime';
import type { MimeEntity, Scan } from '@parley/mime';
import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import type { KindMarks, MessageKind } from './message-kind.ts';
import { kindOf } from './message-kind.ts';

/** What the switch reads of a message, and all that it does. */
export interface MessageHead {
  readonly cpim: CpimHead;
  /** Undefined when there is no readable From, or more than one. */
  readonly from: string | undefined;
  /** Undefined when one of them cannot be read. */
  readonly to: readonly string[] | undefined;
  /** Content-Type of what is wrapped; undefined while it has not come, and when it cannot be read. */
  readonly wrappedType: string | undefined;
  /** What it is to the switch; `said` while the head of what is wrapped has not come. */
  readonly kind: MessageKind;
  /** Whether the head of what is wrapped has ended, well or badly. */
  readonly isEnded: boolean;
  /** Octets that were read for all this. */
  readonly octets: number;
}

/**
 * Reads the wrapper off the front of a message.
 *
 * @param limit - octets that a CPIM head may have
 * @spec RFC 3862 §2, RFC 7701 §6.1 (distribution starts with the headers)
 */
export function readMessageHead(
  bytes: Uint8Array,
  limit: number,
  codec: ByteCodec,
): Result<Scan<MessageHead>, ParseError> {
  const scan = parseCpimHead(bytes, codec, { maxHeadOctets: limit, maxHeaders: 64 });
  if (!scan.ok || !scan.value.complete) return scan as Result<{ complete: false }, ParseError>; // the other two cases
  const { value: cpim, end } = scan.value;
  const from = cpimFrom(cpim, codec);
  const to = cpimTo(cpim, codec);
  const wrapped = wrappedHead(bytes, end, codec);
  return ok({
    complete: true,
    end,
    value: {
      cpim,
      from: from.ok ? from.value.uri : undefined,
      to: to.ok ? to.value.map(({ uri }) => uri) : undefined,
      ...wrapped,
      kind: kindOf({ cpim, ...wrapped }, codec),
    },
  });
}

function wrappedHead(
  bytes: Uint8Array,
  at: number,
  codec: ByteCodec,
): Pick<MessageHead, 'wrappedType' | 'isEnded' | 'octets'> & Pick<KindMarks, 'disposition'> {
  const head = parseMimeHead(bytes, at, codec);
  if (!head.ok) return { ...unknown, isEnded: true, octets: at };
  if (!head.value.complete) return { ...unknown, isEnded: false, octets: at };
  const { value: fields, end } = head.value;
  const wrappedType = valueOf(fields, 'content-type') ?? 'text/plain';
  const disposition = valueOf(fields, 'content-disposition')?.split(';', 1)[0]?.trim().toLowerCase();
  return { wrappedType, disposition, isEnded: true, octets: end };
}

const unknown = { wrappedType: undefined, disposition: undefined };

function valueOf(fields: MimeEntity['fields'], wanted: string): string | undefined {
  return fields.find(({ name }) => name.toLowerCase() === wanted)?.value;
}
