import { field, parameterText, read, readRaw, withFirst } from '@parley/sip';
import type { SipMessage, Via } from '@parley/sip';

/** What a server asks of the neighbour before it. @spec RFC 7339 §4 */
export interface OverloadFeedback {
  /** Percentage of requests that are not to be sent. */
  readonly loss: number;
  /** Milliseconds for which this holds; 0: there is no overload. */
  readonly validity: number;
  /** Grows with each value, so that late responses are known. */
  readonly sequence: number;
}

/** Parameters of our own Via by which we say that we heed feedback. @spec RFC 7339 §4.1, §4.2 */
export const overloadOffer = ';oc;oc-algo="loss"';

/** {@link OverloadFeedback.validity} where a server does not say. @spec RFC 7339 §4.3 */
const usualValidity = 500;
const names = ['oc', 'oc-algo', 'oc-validity', 'oc-seq'] as const;

function topVia(message: SipMessage): Via | undefined {
  // Few Vias speak of overload; a search in the text spares the parse of the others.
  if (readRaw(message, field.via)?.includes(';oc') !== true) return undefined;
  const via = read(message, field.via);
  return via.ok ? via.value : undefined;
}

/** Whether the element that sent a request heeds loss-based feedback. @spec RFC 7339 §5.1 */
export function offersOverloadControl(request: SipMessage): boolean {
  const parameters = topVia(request)?.parameters;
  if (parameters?.has('oc') !== true || parameters.get('oc') !== undefined) return false;
  const algorithms = parameterText(parameters, 'oc-algo') ?? '';
  return algorithms.split(',').some((name) => name.trim().toLowerCase() === 'loss');
}

/** The message without parameters of overload control in its top Via: they are for one hop. @spec RFC 7339 §5.6 */
export function withoutOverloadParameters<Message extends SipMessage>(message: Message): Message {
  const via = topVia(message);
  return via === undefined ? message : withFirst(message, field.via, bare(via));
}

function bare(via: Via): Via {
  const parameters = new Map(via.parameters);
  for (const name of names) parameters.delete(name);
  return { ...via, parameters };
}

/** The message with feedback in its top Via, for the element that wrote this Via. @spec RFC 7339 §5.2 */
export function withOverloadFeedback<Message extends SipMessage>(
  message: Message,
  { loss, validity, sequence }: OverloadFeedback,
): Message {
  const via = read(message, field.via);
  if (!via.ok || via.value === undefined) return message;
  const parameters = new Map(bare(via.value).parameters);
  parameters.set('oc', String(loss)).set('oc-algo', '"loss"').set('oc-validity', String(validity));
  parameters.set('oc-seq', sequence.toFixed(3));
  return withFirst(message, field.via, { ...via.value, parameters });
}

/** The feedback in the top Via of a response; undefined where there is none that we offered to heed. @spec RFC 7339 §5.4 */
export function overloadFeedback(response: SipMessage): OverloadFeedback | undefined {
  const parameters = topVia(response)?.parameters;
  if (parameters === undefined || parameterText(parameters, 'oc-algo')?.trim().toLowerCase() !== 'loss')
    return undefined;
  const loss = numberIn(parameters.get('oc'), 100);
  if (loss === undefined) return undefined;
  const sequence = numberIn(parameters.get('oc-seq'), Number.MAX_SAFE_INTEGER) ?? 0;
  const validity = numberIn(parameters.get('oc-validity'), 3_600_000) ?? usualValidity;
  return { loss, validity, sequence };
}

function numberIn(text: string | undefined, most: number): number | undefined {
  return text !== undefined && /^\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Math.min(most, Number(text)) : undefined;
}
