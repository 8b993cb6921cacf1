import type { Attribute, MediaDescription, SessionDescription } from './session-description.ts';

/** Something that carries `a=` lines: a session description or one of its media. */
export interface HasAttributes {
  readonly attributes: readonly Attribute[];
}

/** The value of the first attribute called `name`, `''` for one without a value, or undefined when there is none. */
export function attributeValue(of: HasAttributes, name: string): string | undefined {
  const found = of.attributes.find((attribute) => attribute.name === name);
  return found && (found.value ?? '');
}

/** The values of all attributes called `name`, in order. */
export function attributeValues(of: HasAttributes, name: string): readonly string[] {
  return of.attributes.filter((attribute) => attribute.name === name).map(({ value }) => value ?? '');
}

/** The attribute of the media description, else that of the session, which is its default. @spec RFC 8866 §5 */
export function effectiveValue(session: SessionDescription, media: MediaDescription, name: string): string | undefined {
  return attributeValue(media, name) ?? attributeValue(session, name);
}

/** A copy in which the attribute occurs once, with this value, or as a property when there is none. */
export function withAttribute<T extends HasAttributes>(of: T, name: string, value?: string): T {
  const attribute: Attribute = value === undefined ? { name } : { name, value };
  return { ...of, attributes: [...of.attributes.filter((other) => other.name !== name), attribute] };
}

/** A copy without the attributes of these names. */
export function withoutAttributes<T extends HasAttributes>(of: T, names: readonly string[]): T {
  return { ...of, attributes: of.attributes.filter(({ name }) => !names.includes(name)) };
}
