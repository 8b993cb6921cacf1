import { noBytes } from '@parley/prelude';
import { HeaderFields } from './header-fields.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { serialiseHead } from './serialise.ts';

const noFields = new HeaderFields([]);

/** Octets of `SIP/2.0 200 `. */
const phraseStart = 12;

/**
 * The same response in as little memory as it can be kept: one text of its own, in place of lines that hold on to the
 * messages they came in. Its fields are found again when somebody reads them.
 */
export function compactResponse(response: SipResponse): SipResponse {
  const head = serialiseHead(response);
  const lineEnd = head.indexOf('\r\n');
  return {
    kind: 'response',
    statusCode: response.statusCode,
    reasonPhrase: head.slice(phraseStart, lineEnd),
    fields: new HeaderFields(undefined, head.slice(lineEnd + 2), response.body.length),
    body: response.body.length === 0 ? noBytes : response.body.slice(),
  };
}

/** The start-line of a request alone, with nothing that would keep the text it came in. */
export function startLineOf({ method, requestUri }: SipRequest): SipRequest {
  return { kind: 'request', method, requestUri: ownText(requestUri), fields: noFields, body: noBytes };
}

/** The same text, no longer a piece of the longer one that it was cut from. */
export function ownText(text: string): string {
  // Joined and cut again it is a piece of what was joined; and to be cut that has to be written out.
  const joined = `${text} `;
  joined.indexOf(' ');
  return joined.slice(0, -1);
}
