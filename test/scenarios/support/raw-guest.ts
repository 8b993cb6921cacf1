import { decodeUtf8, encodeUtf8 } from '@parley/prelude';
import type { Call } from '@parley/ua';
import type { Phone } from './phone.ts';
import { openWire } from './wire.ts';
import type { Wire } from './wire.ts';

/** Somebody in a room whose MSRP is written by hand, octet for octet. */
export interface RawGuest extends AsyncDisposable {
  readonly call: Call;
  /** The description of the room's end. */
  readonly answer: string;
  /** Path of the switch, and our own. */
  readonly theirs: string;
  readonly ours: string;
  readonly wire: Wire;
  /** Sends a request, given without its path lines. */
  readonly send: (request: string) => void;
  /** Waits for a request or a response that fits; a space stands for any line end. */
  gets(pattern: RegExp): Promise<RegExpExecArray>;
}

/** How to join by hand. */
export interface RawJoin {
  readonly host?: string;
  /** Further lines of the description. */
  readonly lines?: readonly string[];
  /** Value of a=chatroom. */
  readonly chatroom?: string;
  /** A relay in front of us, the connection to it, and our URI as it knows it. @spec RFC 4976 §4 */
  readonly relay?: { readonly uri: string; readonly wire: Wire; readonly ours: string };
}

let sessions = 0;

/** The description of RFC 7701 §9.1, F1. */
function offer(host: string, path: string, chatroom: string, lines: readonly string[]): string {
  const usual = [
    'v=0',
    `o=- 2890844526 2890844526 IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    'm=message 7654 TCP/MSRP *',
    'a=accept-types:message/cpim text/plain text/html',
    `a=path:${path}`,
    `a=chatroom:${chatroom}`,
    ...lines,
  ];
  return `${usual.join('\r\n')}\r\n`;
}

/** Joins a room: INVITE, connection, and the empty SEND that binds it. */
export async function joinByHand(phone: Phone, room: string, join: RawJoin = {}): Promise<RawGuest> {
  const { host = 'client.atlanta.example.com', lines = [], chatroom = 'nickname private-messages', relay } = join;
  const ours = relay?.ours ?? `msrp://${host}:7654/jshA7weztas${++sessions};tcp`;
  const uri = `sip:${room}@chat.localhost`;
  const call = await phone.agent.invite(uri, {
    contentType: 'application/sdp',
    body: encodeUtf8(offer(host, relay === undefined ? ours : `${relay.uri} ${ours}`, chatroom, lines)),
  });
  const answer = decodeUtf8(call.remoteBody);
  const [, switchUri = '', port = ''] = /^a=path:(msrps?:\/\/[^\r\n]*?:(\d+)\/[^\r\n]*)/m.exec(answer) ?? [];
  const theirs = relay === undefined ? switchUri : `${relay.uri} ${switchUri}`;
  const wire = relay?.wire ?? (await openWire(Number(port)));
  const send = (request: string): void => {
    const [start = '', ...rest] = request.split('\n');
    wire.write(`${start}\r\nTo-Path: ${theirs}\r\nFrom-Path: ${ours}\r\n${rest.join('\r\n')}`);
  };
  const bind = `bind${sessions}xyz`;
  send(`MSRP ${bind} SEND\nMessage-ID: ${bind}\nByte-Range: 1-0/0\n-------${bind}$\n`);
  await wire.receives(new RegExp(`MSRP ${bind} 200`));
  return {
    ...{ call, answer, theirs, ours, wire, send },
    gets: (pattern) => wire.receives(new RegExp(pattern.source.replaceAll(' ', '(?: |\\r\\n)'))),
    [Symbol.asyncDispose]: async () => {
      await call.bye();
      wire[Symbol.dispose]();
    },
  };
}
