import { Fault } from '@parley/prelude';

/**
 * One header field, unfolded: its name as the sender wrote it, its value without the white space around it. One
 * character stands for one octet; `decodeText` reads a value as UTF-8.
 */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** The value of the first field called `name`, letter case aside, or undefined when there is none. */
export function fieldValue(fields: readonly HeaderField[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const field of fields) {
    if (field.name.length === wanted.length && field.name.toLowerCase() === wanted) return field.value;
  }
  return undefined;
}

/** A copy of `fields` in which `name` occurs once, with this value: in its old place, else at the end. */
export function withField(fields: readonly HeaderField[], name: string, value: string): readonly HeaderField[] {
  const wanted = name.toLowerCase();
  const first = fields.findIndex((field) => field.name.toLowerCase() === wanted);
  const others = fields.filter((field, i) => i === first || field.name.toLowerCase() !== wanted);
  if (first === -1) return [...others, { name, value }];
  return others.map((field) => (field.name.toLowerCase() === wanted ? { name, value } : field));
}

const fieldName = /^[!-9;-~]+$/;
const unsafe = /[\r\n\0]/;

/**
 * Lines of the fields, each ended by CRLF, without the blank line after them.
 *
 * @throws Fault when a name is no field-name or a value holds CR, LF or NUL: our bug, and a way to smuggle headers in
 */
export function serialiseFields(fields: readonly HeaderField[]): string {
  let text = '';
  for (const { name, value } of fields) {
    if (!fieldName.test(name) || unsafe.test(value)) throw new Fault('a header field that would break its line');
    text += `${name}: ${value}\r\n`;
  }
  return text;
}
