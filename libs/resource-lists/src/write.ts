import type { ByteCodec } from '@parley/prelude';
import { portableCodec } from '@parley/prelude';
import type { Xml, XmlAttributes } from '@parley/xml';
import { element, serialiseXml, textElement } from '@parley/xml';
import type { DisplayName, ListItem, ResourceList, ResourceLists } from './resource-lists.ts';
import { copyControlNamespace, resourceListsNamespace } from './resource-lists.ts';

/** Octets of a resource lists document; one line per item, so that the octets can be read by people too. @spec RFC 4826 §3.2, RFC 5364 §5 */
export function serialiseResourceLists({ lists }: ResourceLists, codec: ByteCodec = portableCodec): Uint8Array {
  const namespaces = { xmlns: resourceListsNamespace, 'xmlns:cp': copyControlNamespace };
  return serialiseXml(element('resource-lists', namespaces, lines(lists.map(writeList))), codec);
}

function writeList(list: ResourceList): Xml {
  const { name, items, displayName } = list;
  return element('list', { name, ...marksOf(list) }, lines([writeName(displayName), ...items.map(writeItem)]));
}

function writeItem(item: ListItem): Xml {
  const content = item.kind === 'list' ? [] : [writeName(item.displayName)];
  switch (item.kind) {
    case 'list':
      return writeList(item);
    case 'entry':
      return element('entry', { uri: item.uri, ...marksOf(item) }, content);
    case 'entry-ref':
      return element('entry-ref', { ref: item.ref, ...marksOf(item) }, content);
    case 'external':
      return element('external', { anchor: item.anchor, ...marksOf(item) }, content);
  }
}

function writeName(name: DisplayName | undefined): Xml | undefined {
  return name && textElement('display-name', name.text, { 'xml:lang': name.language });
}

function marksOf({ copyControl, anonymize, count }: ListItem): XmlAttributes {
  return {
    'cp:copyControl': copyControl,
    'cp:anonymize': anonymize === undefined ? undefined : String(anonymize),
    'cp:count': count,
  };
}

function lines(content: readonly (Xml | undefined)[]): readonly Xml[] {
  const present = content.filter((xml) => xml !== undefined);
  return present.length === 0 ? [] : ['\n', ...present.map((xml) => `${xml}\n`)];
}
