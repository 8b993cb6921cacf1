import { escapeValue, unescapeValue } from '@parley/cpim';

/** A parameter of a request; one without value is an extension of ours, as in `;summary`. */
export interface NotifyParameter {
  readonly name: string;
  readonly value?: string;
}

/** One entry of Disposition-Notification. @spec RFC 5438 §10 (notify-req) */
export interface NotifyRequest {
  /** A `NotificationType`, or what nobody here understands. */
  readonly type: string;
  readonly parameters: readonly NotifyParameter[];
}

/** Pieces between separators that stand in no quoted string; every character is looked at once. */
function splitUnquoted(text: string, separator: string): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '\\' && isQuoted) i++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      pieces.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...pieces, text.slice(start)];
}

/** TOKENCHARs, and what senders write in their place: anything visible that separates nothing. */
const token = /^[^\s",;=<>]+$/;

function parameterOf(text: string): NotifyParameter | undefined {
  const equals = text.indexOf('=');
  const name = (equals === -1 ? text : text.slice(0, equals)).trim();
  if (!token.test(name)) return undefined;
  if (equals === -1) return { name };
  const raw = text.slice(equals + 1).trim();
  const isString = raw.length >= 2 && raw.startsWith('"') && raw.endsWith('"');
  return { name, value: isString ? unescapeValue(raw.slice(1, -1)) : raw };
}

/**
 * Reads a list of requests; entries and parameters that are none are passed over, as those are that nobody understands.
 *
 * @deviation A parameter needs no value.
 * @spec RFC 5438 §7.2.1, §10 (Disposition-Notification)
 */
export function parseNotifyRequests(text: string): readonly NotifyRequest[] {
  return splitUnquoted(text, ',').flatMap((entry) => {
    const [first = '', ...rest] = splitUnquoted(entry, ';');
    const type = first.trim();
    if (!token.test(type)) return [];
    return [{ type, parameters: rest.flatMap((parameter) => parameterOf(parameter) ?? []) }];
  });
}

function parameterText({ name, value }: NotifyParameter): string {
  if (value === undefined) return `;${name}`;
  return token.test(value) ? `;${name}=${value}` : `;${name}="${escapeValue(value).replaceAll('"', '\\"')}"`;
}

/** The value of Disposition-Notification, its strings escaped. @spec RFC 5438 §10 */
export function notifyRequestsText(requests: readonly NotifyRequest[]): string {
  return requests.map(({ type, parameters }) => type + parameters.map(parameterText).join('')).join(', ');
}

/** Whether a request wants the answers of a group in one summary. */
export function wantsSummary({ parameters }: NotifyRequest): boolean {
  return parameters.some(({ name }) => name === 'summary');
}
