const token = "[A-Za-z0-9!#$%&'*+.^_`{|}~-]+";
const quoted = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\["\\\\])*"';
const pattern = new RegExp(`^${token}/${token}(?:[ \\t]*;[ \\t]*${token}(?:=(?:${token}|${quoted}))?)*$`);

/**
 * Whether `text` is a `media-type`.
 *
 * @spec RFC 4975 §9
 * @deviation white space around ";" is accepted: clients write `text/plain; charset=utf-8` as in mail
 */
export function isMediaType(text: string): boolean {
  return pattern.test(text);
}
