import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { field, noParameters, read, readAll } from '@parley/sip';
import type { RawField, SipMessage, SipRequest, SipResponse } from '@parley/sip';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { sipRefusal } from '../sip/sip-refusal.ts';

/** A session that ends unless it is refreshed. @spec RFC 4028 §3 */
export interface SessionTimer {
  /** Seconds. */
  readonly interval: number;
  /** Whether it is us who refresh. */
  readonly isOurs: boolean;
  /** Milliseconds since 1970. */
  readonly refreshedAt: number;
}

/** What was agreed with a request of the peer, and what its 2xx says of it. */
export interface TimerAgreement {
  /** Undefined: the session does not expire. */
  readonly timer: SessionTimer | undefined;
  readonly fields: readonly RawField[];
}

/** Seconds of the shortest interval taken. @spec RFC 4028 §5 */
const minSe = 90;

const minSeField: RawField = ['Min-SE', String(minSe)];

/**
 * Agrees to the session interval that a request asks for; nobody is made to refresh who did not ask.
 *
 * @returns 422 with Min-SE when it is too short, which a peer without session timers never hears
 * @spec RFC 4028 §9, Table 2
 */
export function agreeOnTimer(request: SipRequest, now: number): Result<TimerAgreement, SipRefusal> {
  const asked = read(request, field.sessionExpires);
  if (!asked.ok) return err(sipRefusal(400, `Session-Expires: ${asked.error.message}`));
  if (asked.value === undefined) return ok({ timer: undefined, fields: [] });
  const { seconds, refresher } = asked.value;
  const isAble = supportsTimer(request);
  if (seconds < minSe && isAble) return err(sipRefusal(422, `expected at least ${minSe} s`, [minSeField]));
  if (seconds < minSe) return ok({ timer: undefined, fields: [] });
  const isOurs = !isAble || refresher === 'uas';
  const timer = { interval: seconds, isOurs, refreshedAt: now };
  const granted = { seconds, refresher: isOurs ? 'uas' : 'uac', parameters: noParameters } as const;
  const expires: RawField = ['Session-Expires', field.sessionExpires.serialise(granted)];
  return ok({ timer, fields: isAble ? [['Require', 'timer'], expires] : [expires] });
}

/** What a refresh of ours says. @spec RFC 4028 §7.4 */
export function refreshFields({ interval, isOurs }: SessionTimer): readonly RawField[] {
  const value = { seconds: interval, refresher: isOurs ? 'uac' : 'uas', parameters: noParameters } as const;
  return [['Supported', 'timer'], ['Session-Expires', field.sessionExpires.serialise(value)], minSeField];
}

/** The timer after the 2xx to a refresh of ours; a peer that does not say so lets it end. @spec RFC 4028 §7.2 */
export function refreshedTimer(
  timer: SessionTimer | undefined,
  response: SipResponse,
  now: number,
): SessionTimer | undefined {
  const said = read(response, field.sessionExpires);
  if (!said.ok || said.value === undefined) return timer?.isOurs === true ? { ...timer, refreshedAt: now } : undefined;
  const { seconds, refresher } = said.value;
  return { interval: Math.max(seconds, minSe), isOurs: refresher !== 'uas', refreshedAt: now };
}

/** The timer for another try after a 422. @spec RFC 4028 §7.3 */
export function longerTimer(timer: SessionTimer, response: SipResponse): SessionTimer {
  const least = read(response, field.minSe);
  const seconds = least.ok ? (least.value?.seconds ?? 0) : 0;
  return { ...timer, interval: Math.max(timer.interval, seconds) };
}

/**
 * When something is due: our refresh after half of the interval, else the end, a little before the peer would send its BYE.
 *
 * @returns milliseconds since 1970
 * @spec RFC 4028 §10
 */
export function dueAt({ interval, isOurs, refreshedAt }: SessionTimer): number {
  const whole = interval * 1000;
  return refreshedAt + (isOurs ? whole / 2 : whole - Math.min(32_000, whole / 3));
}

function supportsTimer(message: SipMessage): boolean {
  const tags = [...tagsOf(message, field.supported), ...tagsOf(message, field.require)];
  return tags.includes('timer');
}

function tagsOf(message: SipMessage, definition: typeof field.supported): readonly string[] {
  const tags = readAll(message, definition);
  return tags.ok ? tags.value.map((tag) => tag.toLowerCase()) : [];
}
