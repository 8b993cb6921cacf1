/** What a response code means and where it is defined. */
export interface ResponseCode {
  readonly code: number;
  /** Comment sent when the caller gives none. */
  readonly phrase: string;
  readonly section: string;
}

const table: readonly ResponseCode[] = [
  { code: 200, phrase: 'OK', section: 'RFC 4975 §10.1' },
  { code: 400, phrase: 'Request was unintelligible', section: 'RFC 4975 §10.2' },
  { code: 401, phrase: 'Unauthorized', section: 'RFC 4976 §10.3' },
  { code: 403, phrase: 'Action not allowed', section: 'RFC 4975 §10.3' },
  { code: 404, phrase: "Failure to resolve recipient's URI", section: 'RFC 7701 §10.3' },
  { code: 408, phrase: 'Downstream transaction timed out', section: 'RFC 4975 §10.4' },
  { code: 413, phrase: 'Stop sending this message', section: 'RFC 4975 §10.5' },
  { code: 415, phrase: 'Media type not understood', section: 'RFC 4975 §10.6' },
  { code: 423, phrase: 'Parameter out of bounds', section: 'RFC 4975 §10.7' },
  { code: 424, phrase: 'Malformed nickname', section: 'RFC 7701 §10.3' },
  { code: 425, phrase: 'Nickname reserved or already in use', section: 'RFC 7701 §10.3' },
  { code: 427, phrase: 'Failed to resolve recipient', section: 'draft-ietf-simple-chat-03 §6.2' },
  { code: 428, phrase: 'Private messages not supported', section: 'RFC 7701 §10.3' },
  { code: 481, phrase: 'Session does not exist', section: 'RFC 4975 §10.8' },
  { code: 501, phrase: 'Unknown method', section: 'RFC 4975 §10.9' },
  { code: 506, phrase: 'Session already bound to another connection', section: 'RFC 4975 §10.10' },
];

/** Every code that RFC 4975, RFC 4976, RFC 7701 and draft-ietf-simple-chat-03 define, by its number. */
export const responseCodes: ReadonlyMap<number, ResponseCode> = new Map(table.map((entry) => [entry.code, entry]));

/** Comment for a code; empty for one that no document defines. */
export function phraseOf(code: number): string {
  return responseCodes.get(code)?.phrase ?? '';
}
