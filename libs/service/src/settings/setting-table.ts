import { err, ok } from '@parley/prelude';
import type { Result } from '@parley/prelude';
import { nearestName } from './nearest-name.ts';
import { masked } from './setting-type.ts';
import type { SettingType } from './setting-type.ts';

/** One variable: its type, and what it means to a reader of `--help`. */
export interface Setting<T> {
  readonly type: SettingType<T>;
  readonly meaning: string;
}

/** Variables by name. */
export type SettingTable = Readonly<Record<string, Setting<unknown>>>;

/** What is set, by variable; unset or empty ones are undefined, defaults are the reader's. */
export type SettingValues<Table extends SettingTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T | undefined : never;
};

/** A variable that stops the program. */
export interface SettingError {
  readonly kind: 'SettingError';
  readonly variable: string;
  /** One line that names the variable, its value (secrets masked) and what is allowed. */
  readonly message: string;
}

/** Text by variable, e.g. `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Builds a {@link SettingError}; `shown` is the value as it may be seen. */
export function settingError(variable: string, shown: string, complaint: string): SettingError {
  return { kind: 'SettingError', variable, message: `${variable}=${JSON.stringify(shown)} ${complaint}` };
}

/** Reads all variables of a table; other names with `prefix` are mistakes. */
export function readSettings<Table extends SettingTable>(
  table: Table,
  prefix: string,
  environment: Environment,
): Result<SettingValues<Table>, SettingError> {
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(prefix) || text === undefined) continue;
    const setting = Object.hasOwn(table, name) ? table[name] : undefined;
    if (setting === undefined) return err(unknownName(table, name, text));
    if (text.trim() === '') continue;
    const value = setting.type.parse(text.trim());
    if (value === undefined) return err(notAllowed(name, text, setting.type));
    values[name] = value;
  }
  return ok(values as SettingValues<Table>); // each value came from the parser of its own name
}

function notAllowed(name: string, text: string, type: SettingType<unknown>): SettingError {
  return settingError(name, type.show?.(text) ?? text, `is not allowed: it must be ${type.allowed}`);
}

function unknownName(table: SettingTable, name: string, text: string): SettingError {
  const nearest = nearestName(name, Object.keys(table));
  // What was meant for a secret must not be shown because its name was mistyped.
  const show = nearest === undefined ? masked : table[nearest]?.type.show;
  const known = nearest === undefined ? `known are ${Object.keys(table).join(', ')}` : `did you mean ${nearest}?`;
  return settingError(name, show?.(text) ?? text, `is not a known setting; ${known}`);
}
