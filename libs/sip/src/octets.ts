import { fieldId } from './field-names.ts';
import type { SipMessage } from './message.ts';

/** Octets of a start-line beyond its method and Request-URI, or its phrase: blanks, version, status and line end. */
const aroundStartLine = 16;
/** Octets of a Content-Length line and of the blank line. */
const atEnd = 32;

/** Octets that a message takes on the wire, a few too many; without writing it out. */
export function octetsAtMost(message: SipMessage): number {
  const start =
    message.kind === 'request' ? message.method.length + message.requestUri.length : message.reasonPhrase.length;
  let octets = start + aroundStartLine + atEnd + message.body.length;
  for (const line of message.fields.lines) if (line.id !== fieldId.contentLength) octets += line.end + 2 - line.start;
  return octets;
}
