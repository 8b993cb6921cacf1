/** One RFC 2045 token at `lastIndex`: any CHAR but SPACE, CTLs and tspecials. */
const token = /[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+/y;
const wholeToken = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+$/;
/** A quoted-string at `lastIndex`; the loop's pieces share no first character, so matching is linear. */
const quotedString = /"([^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*)"/y;
const whitespace = /[ \t\r\n]*/y;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The token that starts at `at`, or the empty string. @spec RFC 2045 §5.1 */
export function tokenAt(text: string, at: number): string {
  return matchAt(token, text, at)?.[0] ?? '';
}

/** Whether the whole text is one token, so that it needs no quotes. @spec RFC 2045 §5.1 */
export function isToken(text: string): boolean {
  return wholeToken.test(text);
}

/** What a quoted-string at `at` holds with its quoted pairs undone, and where it ends; -1 when there is none. */
export function quotedStringAt(text: string, at: number): { readonly value: string; readonly end: number } {
  const inner = matchAt(quotedString, text, at)?.[1];
  if (inner === undefined) return { value: '', end: -1 };
  return {
    value: inner.includes('\\') ? inner.replace(/\\([^])/g, '$1') : inner,
    end: at + inner.length + 2,
  };
}

/** `text` as a quoted-string. @spec RFC 5322 §3.2.4 */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Where the comment that opens at `at` ends, nested ones included; the end of the text when it never closes. */
function commentEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') i++;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return i + 1;
  }
  return text.length;
}

/** The first offset from `at` on that is neither white space nor in a comment. @spec RFC 5322 §3.2.2 */
export function skipCfws(text: string, at: number): number {
  let end = at;
  for (;;) {
    whitespace.lastIndex = end;
    whitespace.test(text);
    end = whitespace.lastIndex;
    if (text[end] !== '(') return end;
    end = commentEnd(text, end);
  }
}

/** `text` without spaces and tabs at its ends; unlike `trim`, it leaves the octet A0, which UTF-8 uses, alone. */
export function trimWsp(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWsp(text.charCodeAt(start))) start++;
  while (end > start && isWsp(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isWsp(code: number): boolean {
  return code === 32 || code === 9;
}
