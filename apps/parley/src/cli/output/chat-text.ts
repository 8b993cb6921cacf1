import type { ChatMessage, Participant, RoomSession, Roster } from '@parley/ua';
import { printable, unprintable } from '../terminal/printable.ts';

/** What is shown of a room, line by line; it remembers who was there. */
export interface ChatText {
  joined(uri: string): string;
  message(message: ChatMessage, room: Pick<RoomSession, 'uri' | 'roster'>): string;
  /** Who came and who left since the last time. */
  roster(roster: Roster): string;
  present(roster: Roster): string;
}

/** Something that is shown: as an object, or as text. */
interface Line {
  readonly event: string;
  readonly [key: string]: unknown;
}

/** For people, or as one JSON object a line. */
export function chatText(isJson: boolean): ChatText {
  const show = (line: Line, text: string): string => `${isJson ? escaped(JSON.stringify(line)) : text}\n`;
  let before: Roster['participants'] | undefined;
  const present = ({ participants }: Roster): string => {
    const here = [...participants.values()];
    return show({ event: 'present', participants: here.map(participantOf) }, `* here: ${here.map(nameOf).join(', ')}`);
  };
  return {
    joined: (uri) => show({ event: 'joined', room: uri }, `* joined ${printable(uri)}`),
    message: (message, { uri, roster }) => {
      const said = saidOf(message, roster);
      if (said === undefined) return '';
      const to = message.to.map((address) => address.uri);
      const isPrivate = !to.includes(uri);
      return show(
        { event: 'message', ...said.line, private: isPrivate },
        `${said.name}${isPrivate ? ' (private)' : ''}: ${said.text}`,
      );
    },
    roster: (roster) => {
      const last = before;
      before = roster.participants;
      if (last === undefined) return present(roster);
      const gone = [...last.values()].filter(({ uri }) => !roster.participants.has(uri));
      const come = [...roster.participants.values()].filter(({ uri }) => !last.has(uri));
      return [
        ...gone.map((who) => show({ event: 'left', ...participantOf(who) }, `* ${nameOf(who)} left`)),
        ...come.map((who) => show({ event: 'came', ...participantOf(who) }, `* ${nameOf(who)} came`)),
      ].join('');
    },
    present,
  };
}

/** JSON that says the same without what JSON leaves as it is, and a terminal may obey. */
function escaped(json: string): string {
  return json.replace(unprintable, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Types that tell programs something, and people nothing. */
const unseen = /^\s*(?:application\/im-iscomposing\+xml|message\/imdn\+xml)\s*(?:;|$)/i;

function saidOf({ from, dateTime, contentType, text, body }: ChatMessage, roster: Roster) {
  if (unseen.test(contentType)) return undefined;
  const nickname = roster.participants.get(from.uri)?.nickname ?? '';
  const isText = /^\s*text\//i.test(contentType);
  const content = isText ? { text } : { base64: Buffer.from(body).toString('base64') };
  return {
    // A nickname is of one alone here. What else somebody calls himself may be the name of another.
    name: printable(nickname === '' ? from.uri : nickname),
    text: isText
      ? text
          .split(/\r\n|[\r\n]/)
          .map(printable)
          .join('\n  ')
      : `(${printable(contentType)}, ${body.length} octets)`,
    line: { from: from.uri, nickname, at: dateTime ?? null, contentType, ...content },
  };
}

function participantOf({ uri, nickname = '' }: Participant): { readonly uri: string; readonly nickname: string } {
  return { uri, nickname };
}

function nameOf({ uri, nickname = '' }: Participant): string {
  return printable(nickname === '' ? uri : nickname);
}
