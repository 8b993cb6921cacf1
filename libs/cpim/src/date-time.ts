import type { Brand, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';

/** A date-time of RFC 3339, as it was written: offset and fraction included, since signatures cover them. */
export type DateTime = Brand<string, 'DateTime'>;

const grammar = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,18})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** The number that two digits at `at` write. */
function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
}

function yearOf(text: string): number {
  return twoDigits(text, 0) * 100 + twoDigits(text, 2);
}

/** Minutes that the local time of a well-formed date-time is ahead of UTC. */
function offsetOf(text: string): number {
  const sign = text.at(-6);
  if (sign !== '+' && sign !== '-') return 0;
  const minutes = twoDigits(text, text.length - 5) * 60 + twoDigits(text, text.length - 2);
  return sign === '+' ? minutes : -minutes;
}

/** Days of a month in the proleptic Gregorian calendar. @spec RFC 3339 §5.7, Appendix C */
function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Whether the fields of a well-formed date-time name a time of some day. @spec RFC 3339 §5.7 */
function inRange(text: string): boolean {
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(yearOf(text), month)) return false;
  if (twoDigits(text, 11) > 23 || twoDigits(text, 14) > 59 || twoDigits(text, 17) > 60) return false;
  const zone = text.charCodeAt(text.length - 1) > 57;
  return zone || (twoDigits(text, text.length - 5) <= 23 && twoDigits(text, text.length - 2) <= 59);
}

/** Reads a DateTime value; second 60 passes, since a leap second is one. @spec RFC 3862 §4.4, RFC 3339 §5.6 */
export function parseDateTime(text: string): Result<DateTime, ParseError> {
  // The brand is earned by the grammar and the ranges.
  if (grammar.test(text) && inRange(text)) return ok(text as DateTime);
  return err(parseError('date-time', 0, 'RFC 3339 §5.6', 'expected a date and time such as 2001-02-01T12:16:49-05:00'));
}

const daysPer400Years = 146_097;
const msPerDay = 86_400_000;

/** Days from 1970-01-01 to a date; March-based years put the leap day last. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * daysPer400Years + dayOfEra - 719_468;
}

/** The instant in milliseconds since 1970-01-01T00:00:00Z, what is below a millisecond cut off. */
export function wallTimeOf(dateTime: DateTime): number {
  const days = daysSince1970(yearOf(dateTime), twoDigits(dateTime, 5), twoDigits(dateTime, 8));
  const minutes = twoDigits(dateTime, 11) * 60 + twoDigits(dateTime, 14) - offsetOf(dateTime);
  const milliseconds = dateTime[19] === '.' ? Number(/^\d+/.exec(dateTime.slice(20, 23))?.[0].padEnd(3, '0')) : 0;
  return days * msPerDay + minutes * 60_000 + twoDigits(dateTime, 17) * 1000 + milliseconds;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** Year, month and day of a number of days since 1970-01-01; the inverse of {@link daysSince1970}. */
function dateOf(days: number): string {
  const era = Math.floor((days + 719_468) / daysPer400Years);
  const dayOfEra = days + 719_468 - era * daysPer400Years;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return `${digits(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}

/**
 * The date-time in UTC of an instant between the years 0 and 9999; milliseconds are written when there are any.
 *
 * @param wallTime - milliseconds since 1970-01-01T00:00:00Z, as a `Clock` gives them
 */
export function dateTimeAt(wallTime: number): DateTime {
  const days = Math.floor(wallTime / msPerDay);
  const time = Math.floor(wallTime - days * msPerDay);
  const clock = [3_600_000, 60_000, 1000].map((unit, i) => digits(Math.floor(time / unit) % (i === 0 ? 24 : 60), 2));
  const fraction = time % 1000 === 0 ? '' : `.${digits(time % 1000, 3)}`;
  // The grammar holds by construction.
  return `${dateOf(days)}T${clock.join(':')}${fraction}Z` as DateTime;
}
