import type { ParseError, Result } from '@parley/prelude';
import { err, noBytes, ok, parseError } from '@parley/prelude';
import { HeaderFields } from './header-fields.ts';
import type { SipMessage } from './message.ts';
import { parseFieldLines } from './parse-lines.ts';
import type { SipParseError } from './sip-parse-error.ts';
import { sipParseError } from './sip-parse-error.ts';
import type { RequestLine, StatusLine } from './start-line.ts';
import { parseStartLine } from './start-line.ts';

/**
 * Start-line and header fields of a head in head text; the body is left empty.
 *
 * @param head - ends in the blank line and has no line break before the start-line
 */
export function parseHead(head: string, fieldCount: number): Result<SipMessage, SipParseError> {
  const lineEnd = head.indexOf('\r\n');
  const start = parseStartLine(head, lineEnd);
  if (!start.ok) return err(sipParseError(start.error, 400, salvageRequest(head, lineEnd, fieldCount)));
  const { lines, failure } = parseFieldLines(head, lineEnd + 2, fieldCount);
  const message = messageOf(start.value, new HeaderFields(lines));
  if (!start.value.versionSupported) return err(sipParseError(versionError(), 505, message));
  return failure === undefined ? ok(message) : err(sipParseError(failure, 400, message));
}

function messageOf(start: RequestLine | StatusLine, fields: HeaderFields): SipMessage {
  return start.kind === 'request'
    ? { kind: 'request', method: start.method, requestUri: start.requestUri, fields, body: noBytes }
    : {
        kind: 'response',
        statusCode: start.statusCode,
        reasonPhrase: start.reasonPhrase,
        fields,
        body: noBytes,
      };
}

const requestLike = /^([^\s/]+)[ \t]+(.*?)[ \t]*$/;

/** What a 400 needs of a message whose request line is broken but cannot be anything else. */
function salvageRequest(head: string, lineEnd: number, fieldCount: number): SipMessage | undefined {
  const found = requestLike.exec(head.slice(0, Math.min(lineEnd, 2048)));
  if (found === null) return undefined;
  const { lines } = parseFieldLines(head, lineEnd + 2, fieldCount);
  const [, method = '', requestUri = ''] = found;
  return { kind: 'request', method, requestUri, fields: new HeaderFields(lines), body: noBytes };
}

function versionError(): ParseError {
  return parseError('SIP-Version', 0, 'RFC 3261 §7.1', 'expected version 2.0');
}
