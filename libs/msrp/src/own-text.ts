/** Longest substring that engines copy; a longer one is a view that keeps the text it was cut from alive. */
const copiedLength = 12;

/**
 * The characters of `text` from `start` to `end`, cut so that they do not keep `text` alive: for values that
 * outlive the octets they came in, such as identifiers and paths.
 */
export function ownText(text: string, start = 0, end = text.length): string {
  let own = '';
  for (let at = start; at < end; at += copiedLength) own += text.slice(at, Math.min(end, at + copiedLength));
  return own;
}
