import { trimWsp } from '@parley/mime';
import type { Bindings, PredefinedPrefixes } from './bindings.ts';
import { imPrefixes, visitHeaders } from './bindings.ts';
import type { CpimHead } from './header.ts';
import { coreNamespace } from './header.ts';
import type { QualifiedName } from './namespaces.ts';

function entriesOf(value: string, here: Bindings): readonly QualifiedName[] {
  const names = value.split(',').map((entry) => trimWsp(entry));
  return names
    .filter((name) => name !== '')
    .map((name) => {
      const dot = name.indexOf('.');
      return { namespace: here.namespaceOf(name, dot), name: name.slice(dot + 1) };
    });
}

/**
 * The headers and features that the recipient must understand, or else refuse the message.
 *
 * @spec RFC 3862 §3.5, §4.7
 */
export function requiredFeatures(
  head: CpimHead,
  predefined: PredefinedPrefixes = imPrefixes,
): readonly QualifiedName[] {
  const features: QualifiedName[] = [];
  visitHeaders(head, 'Require', predefined, (header, namespace, _local, here) => {
    if (namespace === coreNamespace) features.push(...entriesOf(header.value, here));
  });
  return features;
}
