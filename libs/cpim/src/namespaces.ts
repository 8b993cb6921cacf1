import type { PredefinedPrefixes } from './bindings.ts';
import { imPrefixes, visitHeaders } from './bindings.ts';
import type { CpimHead, CpimHeader } from './header.ts';

/** What a header or feature is called, whatever prefix a message gives it. */
export interface QualifiedName {
  /** Namespace URI; undefined when nobody declared the prefix, so that nobody can know the header. */
  readonly namespace: string | undefined;
  readonly name: string;
}

/** All headers that mean `name` in `namespace`, whatever prefix they carry, in message order. @spec RFC 3862 §3.4 */
export function cpimHeaders(
  head: CpimHead,
  namespace: string,
  name: string,
  predefined: PredefinedPrefixes = imPrefixes,
): readonly CpimHeader[] {
  const found: CpimHeader[] = [];
  visitHeaders(head, name, predefined, (header, of) => {
    if (of === namespace) found.push(header);
  });
  return found;
}

/** The first of {@link cpimHeaders}, or undefined when the message has none. */
export function cpimHeader(
  head: CpimHead,
  namespace: string,
  name: string,
  predefined: PredefinedPrefixes = imPrefixes,
): CpimHeader | undefined {
  return cpimHeaders(head, namespace, name, predefined)[0];
}

/** The qualified name of every header, in message order. @spec RFC 3862 §3.4 */
export function qualifiedNames(head: CpimHead, predefined: PredefinedPrefixes = imPrefixes): readonly QualifiedName[] {
  const names: QualifiedName[] = [];
  visitHeaders(head, undefined, predefined, (header, namespace, local) => {
    names.push({ namespace, name: header.name.slice(local) });
  });
  return names;
}
