import { via as viaField } from './fields/via.ts';
import type { Via } from './fields/via.ts';
import { fieldId, idOfName, idOfNameAt } from './field-names.ts';
import { code, octetClass, skipWhile } from './grammar/characters.ts';
import { reasonPhrase } from './reason-phrases.ts';

/**
 * What shows of a request before it is read: as much as it takes to refuse it. Only of one in its most usual form;
 * whether the rest is right is not looked at.
 */
export interface Glance {
  readonly method: string;
  /** The top one. */
  readonly via: Via;
  /** Whether there is no other Via, so that no proxy stands between its sender and us. */
  readonly isDirect: boolean;
  /** Whether it belongs to a dialog: its To has a tag. */
  readonly isInDialog: boolean;
  /** Whether it says how much it matters. @spec RFC 3261 §20.26, RFC 4412 §3.1 */
  readonly isPrioritised: boolean;
  /** What a response repeats besides the top Via, up to the end of To and from there. */
  readonly upToTo: string;
  readonly afterTo: string;
}

/** A glance that is being taken. */
type Draft = Omit<{ -readonly [K in keyof Glance]: Glance[K] }, 'via'> & { via: Via | undefined };

const priorities: readonly number[] = [idOfName('Priority'), idOfName('Resource-Priority')];
const tag = /;[ \t]*tag[ \t]*=/i;

/**
 * Looks at a request.
 *
 * @param head - head text; what follows the blank line does not matter
 * @returns undefined for whatever is not in the usual form, and for every response
 */
export function glanceAt(head: string): Glance | undefined {
  const method = head.slice(0, skipWhile(head, 0, octetClass.token));
  if (!head.startsWith(' sip', method.length)) return undefined;
  const draft = { ...nothingSeen, method };
  let seen = 0;
  let at = head.indexOf('\r\n') + 2;
  for (let end = head.indexOf('\r\n', at); end !== at; end = head.indexOf('\r\n', at)) {
    const id = idOfLine(head, at, end);
    if (id === undefined || isSeenTwice(seen, id)) return undefined;
    if (id < fieldId.maxForwards) {
      seen |= 1 << id;
      if (!takeLine(draft, id, head, at, end)) return undefined;
    } else if (priorities.includes(id)) draft.isPrioritised = true;
    at = end + 2;
  }
  return isWhole(draft) && (seen & once) === once ? draft : undefined;
}

const nothingSeen: Draft = {
  method: '',
  via: undefined,
  isDirect: true,
  isInDialog: false,
  isPrioritised: false,
  upToTo: '',
  afterTo: '',
};

/** Fields of which there is one, as bits. */
const once = (1 << fieldId.from) | (1 << fieldId.to) | (1 << fieldId.callId) | (1 << fieldId.cSeq);

function isSeenTwice(seen: number, id: number): boolean {
  return id < fieldId.maxForwards && (seen & (1 << id) & once) !== 0;
}

function isWhole(draft: Draft): draft is Glance {
  return draft.via !== undefined;
}

/** In place of the number of a name that has none. */
const unknown = 1000;

/** Number of the name of a line; undefined where the line is not in the usual form. */
function idOfLine(head: string, at: number, end: number): number | undefined {
  const nameEnd = skipWhile(head, at, octetClass.token);
  if (end === -1 || nameEnd === at || head.charCodeAt(nameEnd) !== code.colon) return undefined;
  const id = idOfNameAt(head, at, nameEnd);
  if (id === fieldId.unknown || id >= fieldId.maxForwards) return id || unknown;
  return head.indexOf('\r', at) === end && head.indexOf('\n', at) === end + 1 ? id : undefined;
}

/** Keeps a line that a response repeats; false where it is not in its usual form. */
function takeLine(draft: Draft, id: number, head: string, at: number, end: number): boolean {
  if (id === fieldId.via && draft.via === undefined) {
    draft.via = viaField.parsePlain?.(head, head.indexOf(':', at) + 1, end);
    return draft.via !== undefined;
  }
  if (id === fieldId.via) draft.isDirect = false;
  if (id === fieldId.to) {
    const line = head.slice(at, end);
    draft.isInDialog = tag.test(line);
    draft.upToTo = draft.afterTo + line;
    draft.afterTo = '\r\n';
  } else draft.afterTo += head.slice(at, end + 2);
  return true;
}

/**
 * Head text of a response to what was only glanced at; it has no body.
 *
 * @param via - top Via of the response, with where the request came from
 * @param toTag - for a request outside a dialog
 * @param fields - lines of other fields, each with its CRLF
 * @spec RFC 3261 §8.2.6
 */
export function answerAtGlance(glance: Glance, status: number, via: Via, toTag: string, fields: string): string {
  const { isInDialog, upToTo, afterTo } = glance;
  const to = isInDialog ? upToTo : `${upToTo};tag=${toTag}`;
  const start = `SIP/2.0 ${status} ${reasonPhrase(status)}\r\nVia: ${viaField.serialise(via)}\r\n`;
  return `${start}${to}${afterTo}${fields}Content-Length: 0\r\n\r\n`;
}
