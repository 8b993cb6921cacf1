import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { single } from './define.ts';

const form =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** 1970-01-01 was a Thursday. */
const weekdays = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const msPerDay = 86_400_000;

/** Days since 1970-01-01 in the Gregorian calendar; years start in March, so that the leap day comes last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse of {@link daysFromCivil}. */
function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const leapless =
    dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor(leapless / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function scanDate(s: Scanner): number {
  const found = form.exec(s.text.slice(s.at, s.end));
  s.at = s.end;
  if (found === null) {
    s.fail('SIP-date', 'expected a date like Sat, 13 Nov 2010 23:29:00 GMT', 'RFC 3261 §20.17');
    return 0;
  }
  const [, , day = '', month = '', year = '', hours = '', minutes = '', seconds = ''] = found;
  const days = daysFromCivil(Number(year), months.indexOf(month) + 1, Number(day));
  const exists = civilFromDays(days).day === Number(day) && Number(hours) < 24 && Number(minutes) < 60;
  if (!exists || Number(seconds) > 60) s.fail('SIP-date', 'expected a day and a time that exist', 'RFC 3261 §20.17');
  return days * msPerDay + (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}

function serialiseDate(time: number): string {
  const days = Math.floor(time / msPerDay);
  const { year, month, day } = civilFromDays(days);
  const seconds = Math.floor((time - days * msPerDay) / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const weekday = weekdays[((days % 7) + 7) % 7] ?? '';
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${weekday}, ${two(day)} ${months[month - 1] ?? ''} ${String(year).padStart(4, '0')} ${clock} GMT`;
}

/** When the message was first sent, in milliseconds since 1970-01-01T00:00:00Z, whole seconds. @spec RFC 3261 §20.17 */
export const date: HeaderDefinition<number> = single('Date', scanDate, serialiseDate);
