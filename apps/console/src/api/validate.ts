import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import * as v from 'valibot';
import type { Problem } from '../http/problem.ts';
import { problem } from '../http/problem.ts';

/** Complaints told at once; a hostile body could cause thousands. */
const maxComplaints = 5;

/** Reads a body by its schema; the problem says for each field what was expected of it. */
export function validate<const Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
): Result<v.InferOutput<Schema>, Problem> {
  // An array is an object too, to valibot, and every key that may be missing is missing in it.
  const read = v.safeParse(schema, Array.isArray(body) ? null : body);
  if (read.success) return ok(read.output);
  const complaints = read.issues.slice(0, maxComplaints).map(complain);
  return err(problem(400, 'invalid', complaints.join('; ')));
}

function complain(issue: v.BaseIssue<unknown>): string {
  const path = pathOf(issue);
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

function pathOf({ path }: v.BaseIssue<unknown>): string {
  const keys = path?.map(({ key }) => key) ?? [];
  return keys.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key).slice(0, 64);
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** Message of an object's own issues: what it is, a key that it lacks, a key that it should not have. */
export function objectMessage(known: readonly string[]): (issue: v.BaseIssue<unknown>) => string {
  return ({ path, received, expected }) => {
    if (path === undefined) return `expected a JSON object with ${known.join(', ')}`;
    return received === 'undefined' && expected !== 'never'
      ? 'is missing'
      : `is not known here; known are ${known.join(', ')}`;
  };
}

/** An object with these keys and no others. */
export function exactly<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.StrictObjectSchema<Entries, (issue: v.BaseIssue<unknown>) => string> {
  return v.strictObject(entries, objectMessage(Object.keys(entries)));
}

/** Text of some length, UTF-16 units. */
export function textOf(min: number, max: number): v.GenericSchema<string> {
  const message = `expected text of ${min} to ${max} characters`;
  return v.pipe(v.string(message), v.minLength(min, message), v.maxLength(max, message));
}

/** An integer of a range. */
export function integerOf(min: number, max: number, unit: string): v.GenericSchema<number> {
  const message = `expected ${unit}, an integer from ${min} to ${max}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}
