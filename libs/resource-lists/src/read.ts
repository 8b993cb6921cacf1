import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import type { XmlElement, XmlLimits } from '@parley/xml';
import { attributeOf, childOf, childrenOf, elementsOf, parseXml, textOf, xmlNamespace } from '@parley/xml';
import { defaultListLimits } from './limits.ts';
import type { CopyControl, CopyMarks, DisplayName, ListItem, ResourceList, ResourceLists } from './resource-lists.ts';
import { copyControlNamespace, resourceListsNamespace } from './resource-lists.ts';

const structure = 'RFC 4826 §3.1';
const marking = 'RFC 5364 §5';

/**
 * Reads a resource lists document. Elements and attributes of other namespaces are passed over, as their schema is not
 * known here; URIs are not looked into.
 *
 * @spec RFC 4826 §3, RFC 5364 §5
 */
export function parseResourceLists(
  bytes: Uint8Array,
  codec: ByteCodec = portableCodec,
  limits: XmlLimits = defaultListLimits,
): Result<ResourceLists, ParseError> {
  const root = parseXml(bytes, codec, limits);
  return root.ok ? readResourceLists(root.value) : root;
}

/** {@link parseResourceLists} of a document that has been read as XML. */
export function readResourceLists(root: XmlElement): Result<ResourceLists, ParseError> {
  if (root.name !== 'resource-lists' || root.namespace !== resourceListsNamespace) {
    return wrong('resource-lists', structure, 'expected <resource-lists> of its namespace');
  }
  const lists = each(childrenOf(root, 'list'), readList);
  return lists.ok ? ok({ lists: lists.value }) : lists;
}

function readList(element: XmlElement): Result<ResourceList, ParseError> {
  const items = each(
    elementsOf(element).filter(({ namespace, name }) => namespace === element.namespace && name !== 'display-name'),
    readItem,
  );
  if (!items.ok) return items;
  const marks = readMarks(element);
  if (!marks.ok) return marks;
  const name = attributeOf(element, 'name');
  return ok({
    kind: 'list',
    ...(name !== undefined && { name }),
    ...named(element),
    ...marks.value,
    items: items.value,
  });
}

function readItem(element: XmlElement): Result<ListItem, ParseError> {
  if (element.name === 'list') return readList(element);
  const marks = readMarks(element);
  if (!marks.ok) return marks;
  const common = { ...named(element), ...marks.value };
  switch (element.name) {
    case 'entry': {
      const uri = attributeOf(element, 'uri')?.trim() ?? '';
      return uri === '' ? wrong('entry', structure, 'expected a uri') : ok({ kind: 'entry', uri, ...common });
    }
    case 'entry-ref': {
      const ref = attributeOf(element, 'ref');
      return ref === undefined
        ? wrong('entry-ref', structure, 'expected a ref')
        : ok({ kind: 'entry-ref', ref, ...common });
    }
    case 'external': {
      const anchor = attributeOf(element, 'anchor');
      return ok({ kind: 'external', ...(anchor !== undefined && { anchor }), ...common });
    }
    default:
      return wrong('list', structure, 'expected entries, lists and references in a list');
  }
}

function named(element: XmlElement): { readonly displayName?: DisplayName } {
  const child = childOf(element, 'display-name');
  if (child === undefined) return {};
  const language = attributeOf(child, 'lang', xmlNamespace);
  return { displayName: { text: textOf(child), ...(language !== undefined && { language }) } };
}

const roles: ReadonlySet<string> = new Set<CopyControl>(['to', 'cc', 'bcc']);

function isRole(text: string): text is CopyControl {
  return roles.has(text);
}

const booleans: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

function readMarks(element: XmlElement): Result<CopyMarks, ParseError> {
  const role = attributeOf(element, 'copyControl', copyControlNamespace);
  if (role !== undefined && !isRole(role)) return wrong('copyControl', marking, 'expected to, cc or bcc');
  const hidden = attributeOf(element, 'anonymize', copyControlNamespace)?.trim();
  const anonymize = hidden === undefined ? undefined : booleans[hidden];
  if (hidden !== undefined && anonymize === undefined) return wrong('anonymize', marking, 'expected true or false');
  const digits = attributeOf(element, 'count', copyControlNamespace)?.trim();
  if (digits !== undefined && !/^\+?\d{1,15}$/.test(digits)) return wrong('count', marking, 'expected a whole number');
  return ok({
    ...(role !== undefined && { copyControl: role }),
    ...(anonymize !== undefined && { anonymize }),
    ...(digits !== undefined && { count: Number(digits) }),
  });
}

function each<T>(
  elements: readonly XmlElement[],
  read: (element: XmlElement) => Result<T, ParseError>,
): Result<readonly T[], ParseError> {
  const values: T[] = [];
  for (const element of elements) {
    const value = read(element);
    if (!value.ok) return value;
    values.push(value.value);
  }
  return ok(values);
}

function wrong(rule: string, section: string, message: string): Result<never, ParseError> {
  return err(parseError(rule, 0, section, message));
}
