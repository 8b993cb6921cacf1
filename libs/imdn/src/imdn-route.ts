import type { CpimAddress, CpimMessage } from '@parley/cpim';
import { cpimHeaders, cpimTo, imdnNamespace, parseCpimAddress } from '@parley/cpim';
import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { ok, portableCodec } from '@parley/prelude';

/** A notification on its way, and where it goes next. */
export interface RoutedNotification {
  readonly message: CpimMessage;
  readonly next: CpimAddress;
}

/**
 * What an intermediary does with the route of a notification that came to it: its own addresses on top are taken off, and
 * it goes to the next one; when none is left, to whom CPIM To names.
 *
 * @param isOwn - whether a URI is one of the intermediary
 * @returns undefined when nobody is left to whom it could go
 * @spec RFC 5438 §8
 */
export function passedOn(
  message: CpimMessage,
  isOwn: (uri: string) => boolean,
  codec: ByteCodec = portableCodec,
): Result<RoutedNotification | undefined, ParseError> {
  const passed = new Set<unknown>();
  for (const header of cpimHeaders(message.head, imdnNamespace, 'IMDN-Route')) {
    const address = parseCpimAddress(header.value, codec);
    if (!address.ok) return address;
    if (!isOwn(address.value.uri)) return ok({ message: without(message, passed), next: address.value });
    passed.add(header);
  }
  const to = cpimTo(message.head, codec);
  if (!to.ok) return to;
  const [next] = to.value;
  return ok(next === undefined || isOwn(next.uri) ? undefined : { message: without(message, passed), next });
}

function without({ head, content }: CpimMessage, passed: ReadonlySet<unknown>): CpimMessage {
  return { head: { headers: head.headers.filter((header) => !passed.has(header)) }, content };
}
