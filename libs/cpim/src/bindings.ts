import type { CpimHead, CpimHeader } from './header.ts';
import { coreNamespace, imdnNamespace } from './header.ts';

/** Prefixes that mean something before a message declares them; a declaration in the message wins. */
export type PredefinedPrefixes = Readonly<Record<string, string>>;

/**
 * The prefixes that instant messaging predefines, as RFC 3862 §6 allows an application to.
 *
 * @deviation liblinphone sends `imdn.` headers in messages without an NS line.
 */
export const imPrefixes: PredefinedPrefixes = { imdn: imdnNamespace };

/** Name-prefix and URI of an NS value; the space between them, which the grammar lacks, is in every example. */
const declaration = /^([!#-'*+\-0-9A-Z^_`a-z|~]*) ?<([^<> ]+)>$/;

/** What prefixes mean at one place in a head; `''` is the prefix of names without one. @spec RFC 3862 §3.4 */
export class Bindings {
  private readonly predefined: PredefinedPrefixes;
  private declared: Map<string, string> | undefined;
  private unprefixed = coreNamespace;

  constructor(predefined: PredefinedPrefixes) {
    this.predefined = predefined;
  }

  /**
   * The namespace of a name, or undefined when nobody declared its prefix.
   *
   * @param dot - where the prefix of `name` ends; -1 when it has none
   */
  namespaceOf(name: string, dot: number): string | undefined {
    if (dot === -1) return this.unprefixed;
    const prefix = name.slice(0, dot);
    const declared = this.declared?.get(prefix);
    if (declared !== undefined) return declared;
    return Object.hasOwn(this.predefined, prefix) ? this.predefined[prefix] : undefined;
  }

  /** Takes note of an NS header, for the headers behind it; a malformed value declares nothing. */
  declare(value: string): void {
    const [, prefix, uri] = declaration.exec(value) ?? [];
    if (prefix === undefined || uri === undefined) return;
    if (prefix === '') this.unprefixed = uri;
    else (this.declared ??= new Map<string, string>()).set(prefix, uri);
  }
}

/** Sees a header with its namespace, the offset of its local name, and what prefixes mean at its place. */
export type Visitor = (header: CpimHeader, namespace: string | undefined, local: number, here: Bindings) => void;

/** `endsWith`, told apart by the last character first: headers are looked through for every name that is asked for. */
function endsLike(name: string, end: string): boolean {
  return name.charCodeAt(name.length - 1) === end.charCodeAt(end.length - 1) && name.endsWith(end);
}

/**
 * Goes through the headers in order, declaring namespaces on the way, and shows those whose local name is `wanted`, or
 * all of them when that is undefined.
 *
 * @spec RFC 3862 §3.4
 */
export function visitHeaders(
  head: CpimHead,
  wanted: string | undefined,
  predefined: PredefinedPrefixes,
  visit: Visitor,
): void {
  const here = new Bindings(predefined);
  for (const header of head.headers) {
    const { name } = header;
    const matches = wanted === undefined || endsLike(name, wanted);
    const declares = endsLike(name, 'NS');
    if (!matches && !declares) continue;
    const dot = name.indexOf('.');
    if (matches && (wanted === undefined || name.length === dot + 1 + wanted.length)) {
      visit(header, here.namespaceOf(name, dot), dot + 1, here);
    }
    if (declares && name.length === dot + 3 && here.namespaceOf(name, dot) === coreNamespace)
      here.declare(header.value);
  }
}
