import type { CpimHead } from '@parley/cpim';
import { cpimFrom, cpimTo, parseCpimHead } from '@parley/cpim';
import { parseMimeHead } from '@parley/mime';
import type { Scan } from '@parley/mime';
import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';

/** What the switch reads of a message, and all that it does. */
export interface MessageHead {
  readonly cpim: CpimHead;
  /** Undefined when there is no readable From, or more than one. */
  readonly from: string | undefined;
  /** Undefined when one of them cannot be read. */
  readonly to: readonly string[] | undefined;
  /** Content-Type of what is wrapped; undefined while it has not come. */
  readonly wrappedType: string | undefined;
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
  return ok({
    complete: true,
    end,
    value: {
      cpim,
      from: from.ok ? from.value.uri : undefined,
      to: to.ok ? to.value.map(({ uri }) => uri) : undefined,
      wrappedType: wrappedTypeOf(bytes, end, codec),
    },
  });
}

function wrappedTypeOf(bytes: Uint8Array, at: number, codec: ByteCodec): string | undefined {
  const head = parseMimeHead(bytes, at, codec);
  if (!head.ok || !head.value.complete) return undefined;
  return head.value.value.find(({ name }) => name.toLowerCase() === 'content-type')?.value ?? 'text/plain';
}
