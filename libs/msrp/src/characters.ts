const classes = new Uint8Array(256);
const letter = 1;
const digit = 2;
const identMark = 4;
const tokenMark = 8;

const mark = (characters: string, bit: number): void => {
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    classes[code] = (classes[code] ?? 0) | bit;
  }
};
mark('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', letter);
mark('0123456789', digit);
mark('.-+%=', identMark);
mark("!#$%&'*+-.^_`{|}~", tokenMark);

const inClass = (text: string, from: number, to: number, mask: number): boolean => {
  for (let i = from; i < to; i++) {
    if (((classes[text.charCodeAt(i)] ?? 0) & mask) === 0) return false;
  }
  return true;
};

/**
 * Whether `text` is an `ident` of at most `maxLength` characters.
 *
 * @spec RFC 4975 §9: `ident = ALPHANUM 3*31ident-char`
 * @deviation up to `maxLength` instead of 32: clients that use a UUID send 36 characters
 */
export function isIdent(text: string, maxLength: number): boolean {
  const { length } = text;
  return (
    length >= 4 &&
    length <= maxLength &&
    inClass(text, 0, 1, letter | digit) &&
    inClass(text, 1, length, letter | digit | identMark)
  );
}

/** Whether `text` is a `token`. @spec RFC 4975 §9 */
export function isToken(text: string): boolean {
  return text.length > 0 && inClass(text, 0, text.length, letter | digit | tokenMark);
}

/** Whether `text` is an `hname`. @spec RFC 4975 §9: `hname = ALPHA *token` */
export function isHeaderName(text: string): boolean {
  return isToken(text) && inClass(text, 0, 1, letter);
}

/** Whether `text` has digits only, at least one. */
export function isDigits(text: string): boolean {
  return text.length > 0 && inClass(text, 0, text.length, digit);
}
