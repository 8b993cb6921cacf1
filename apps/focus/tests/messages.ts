/** The offer of Figure 6 (draft-ietf-simple-chat-03 §9.1), for a client on this machine. */
export function offer({ path = 'msrp://127.0.0.1:7654/jshA7weztas;tcp', lines = '' } = {}): string {
  return [
    'v=0',
    'o=alice 2890844526 2890844526 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=message 7654 TCP/MSRP *',
    'a=accept-types:message/cpim text/plain text/html',
    `a=path:${path}`,
    'a=chatroom:nickname private-messages',
    ...(lines === '' ? [] : lines.split('\n')),
    '',
  ].join('\r\n');
}

/** What a request is made of; defaults are those of Alice's client. */
export interface RequestShape {
  readonly method?: string;
  readonly room?: string;
  readonly user?: string;
  readonly callId?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly cSeq?: number;
  readonly fields?: readonly string[];
  readonly contentType?: string;
  readonly body?: string;
}

/** A request to a room, as an edge hands it over. */
export function request({
  method = 'INVITE',
  room = 'sip:lobby@chat.localhost',
  user = 'alice',
  callId = `${user}-call`,
  fromTag = `${user}-tag`,
  toTag,
  cSeq = 1,
  fields = [],
  contentType = 'application/sdp',
  body = '',
}: RequestShape = {}): string {
  return [
    `${method} ${room} SIP/2.0`,
    `Via: SIP/2.0/TCP 127.0.0.1:5555;branch=z9hG4bK${user}${cSeq}${method}`,
    'Record-Route: <sip:token@127.0.0.1:5060;transport=tcp;lr>',
    'Max-Forwards: 70',
    `From: "${user}" <sip:${user}@localhost>;tag=${fromTag}`,
    `To: <${room}>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cSeq} ${method}`,
    `Contact: <sip:${user}@127.0.0.1:5555;transport=tcp>`,
    ...(body === '' ? [] : [`Content-Type: ${contentType}`]),
    ...fields,
    `Content-Length: ${new TextEncoder().encode(body).length}`,
    '',
    body,
  ].join('\r\n');
}

/** An INVITE with {@link offer}. */
export function invite(shape: RequestShape = {}): string {
  return request({ body: offer(), ...shape });
}
