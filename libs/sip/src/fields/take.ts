import { consistsOf, octetClass } from '../grammar/characters.ts';
import { unquote } from '../grammar/quoted.ts';
import type { Scanner } from '../grammar/scanner.ts';

/** Parameters while a grammar takes those out that it has a member for. */
export type Untaken = Map<string, string | undefined>;

/** Most seconds that a delta-seconds can say. @spec RFC 3261 §20.19 */
export const mostSeconds = 4_294_967_295;

/** Takes out a parameter whose value is a token; without a value it is a failure. */
export function takeToken(s: Scanner, parameters: Untaken, name: string): string | undefined {
  return takeOf(s, parameters, name, octetClass.token);
}

/** Takes out a parameter whose value is a number; above `most` it counts as `most`. */
export function takeNumber(s: Scanner, parameters: Untaken, name: string, most = mostSeconds): number | undefined {
  const digits = takeOf(s, parameters, name, octetClass.digit);
  return digits === undefined ? undefined : Math.min(Number(digits), most);
}

/** Takes out a parameter whose value is text for people or machines, in quotes or not; Unicode. */
export function takeText(s: Scanner, parameters: Untaken, name: string): string | undefined {
  if (!parameters.has(name)) return undefined;
  const value = parameters.get(name);
  parameters.delete(name);
  if (value === undefined) s.fail(name, `expected a value for ${name}`);
  return value === undefined ? undefined : unquote(value);
}

/** Takes out a parameter that has no value. */
export function takeFlag(parameters: Untaken, name: string): boolean {
  return parameters.delete(name);
}

/** Takes out a qvalue. @spec RFC 3261 §25.1 */
export function takeQ(s: Scanner, parameters: Untaken): number | undefined {
  if (!parameters.has('q')) return undefined;
  const text = parameters.get('q') ?? '';
  parameters.delete('q');
  if (!qvalue.test(text)) s.fail('qvalue', 'expected 0 to 1 with up to three decimals');
  return Number(text);
}

/** The inverse of {@link takeQ}. */
export function serialiseQ(q: number | undefined): string {
  return q === undefined ? '' : `;q=${Math.round(Math.min(1, Math.max(0, q)) * 1000) / 1000}`;
}

/** A parameter as text, or nothing when it is absent. */
export function parameter(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `;${name}=${value}`;
}

const qvalue = /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/;

function takeOf(s: Scanner, parameters: Untaken, name: string, mask: number): string | undefined {
  if (!parameters.has(name)) return undefined;
  const value = parameters.get(name) ?? '';
  parameters.delete(name);
  if (!consistsOf(value, mask)) s.fail(name, `expected a well-formed value for ${name}`);
  return value;
}
