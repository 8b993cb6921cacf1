import { encodeUtf8, unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseResourceLists, serialiseResourceLists } from '../src/index.ts';
import type { CopyControl, DisplayName, ListItem, ResourceList, ResourceLists } from '../src/index.ts';
import { vector, vectorsIn } from './vectors.ts';

/** The complaint about a vector. */
function complaintAbout(path: string): string {
  const read = parseResourceLists(vector(path));
  return read.ok ? 'read' : read.error.rule;
}

describe('a resource lists document', () => {
  it('is a sequence of lists of entries, lists and references (RFC 4826 §3.3)', () => {
    const { lists } = unwrap(parseResourceLists(vector('rfc4826/valid/3.3-example.xml')));
    expect(lists).toHaveLength(1);
    const [friends] = lists;
    expect(friends?.name).toBe('friends');
    expect(friends?.items.map(({ kind }) => kind)).toEqual(['entry', 'entry-ref', 'list']);
    expect(friends?.items[0]).toEqual({
      kind: 'entry',
      uri: 'sip:bill@example.com',
      displayName: { text: 'Bill Doe' },
    });
    expect(friends?.items[2]).toMatchObject({
      name: 'close-friends',
      displayName: { text: 'Close Friends' },
      items: [{ kind: 'entry' }, { kind: 'entry' }, { kind: 'external', displayName: { text: 'Marketing' } }],
    });
  });

  it('may hold no list at all (RFC 4826 §3.1)', () => {
    expect(unwrap(parseResourceLists(vector('rfc4826/valid/empty.xml')))).toEqual({ lists: [] });
  });

  it('may be extended from other namespaces, which are passed over, and be prefixed (RFC 4826 §3.1)', () => {
    expect(unwrap(parseResourceLists(vector('rfc4826/valid/extended.xml')))).toEqual({
      lists: [
        {
          kind: 'list',
          displayName: { text: 'Ystävät', language: 'fi' },
          items: [{ kind: 'entry', uri: 'tel:+358555123' }],
        },
      ],
    });
  });

  it('marks entries with copyControl and anonymize (RFC 5364 §6)', () => {
    const { lists } = unwrap(parseResourceLists(vector('rfc5364/valid/figure-3-recipient-list.xml')));
    expect(lists[0]?.items).toEqual([
      { kind: 'entry', uri: 'sip:bill@example.com', copyControl: 'to' },
      { kind: 'entry', uri: 'sip:randy@example.net', copyControl: 'to', anonymize: true },
      { kind: 'entry', uri: 'sip:eddy@example.com', copyControl: 'to', anonymize: true },
      { kind: 'entry', uri: 'sip:joe@example.org', copyControl: 'cc' },
      { kind: 'entry', uri: 'sip:carol@example.net', copyControl: 'cc', anonymize: true },
      { kind: 'entry', uri: 'sip:ted@example.net', copyControl: 'bcc' },
      { kind: 'entry', uri: 'sip:andy@example.com', copyControl: 'bcc' },
    ]);
  });

  it('MUST be valid (RFC 4826 §3.1)', () => {
    const complaints = vectorsIn('rfc4826/invalid').map((path) => [path.split('/').at(-1), complaintAbout(path)]);
    expect(Object.fromEntries(complaints)).toEqual({
      'cut-short.xml': 'document',
      'entry-ref-without-ref.xml': 'entry-ref',
      'entry-without-uri.xml': 'entry',
      'other-document.xml': 'resource-lists',
      'unknown-item.xml': 'list',
    });
  });

  it('MUST hold to the schema of the marks (RFC 5364 §5)', () => {
    const complaints = vectorsIn('rfc5364/invalid').map((path) => [path.split('/').at(-1), complaintAbout(path)]);
    expect(Object.fromEntries(complaints)).toEqual({
      'anonymize.xml': 'anonymize',
      'copy-control.xml': 'copyControl',
      'count.xml': 'count',
    });
  });

  it('is read within limits', () => {
    const deep = `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">${'<list>'.repeat(40)}${'</list>'.repeat(40)}</resource-lists>`;
    expect(parseResourceLists(encodeUtf8(deep)).ok).toBe(false);
    expect(parseResourceLists(new Uint8Array(2_000_000)).ok).toBe(false);
  });

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(documents, (document) => {
        expect(unwrap(parseResourceLists(serialiseResourceLists(document)))).toEqual(document);
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    const garbled = fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 8 }));
    fc.assert(
      fc.property(garbled, ([at, octets]) => {
        const bytes = Uint8Array.from(vector('rfc5364/valid/figure-3-recipient-list.xml'));
        bytes.set(octets, at % (bytes.length - octets.length));
        parseResourceLists(bytes);
      }),
    );
  });
});

const text = fc.stringMatching(/^[a-zå<&"']([ a-zå<&"'\n]*[a-zå<&"'])?$/);
const names: fc.Arbitrary<DisplayName> = fc.record(
  { text, language: fc.constantFrom('en', 'fi') },
  { requiredKeys: ['text'] },
);
const marks = {
  displayName: names,
  copyControl: fc.constantFrom<CopyControl>('to', 'cc', 'bcc'),
  anonymize: fc.boolean(),
  count: fc.nat(),
};
const leaf: fc.Arbitrary<ListItem> = fc.oneof(
  fc.record({ kind: fc.constant('entry' as const), uri: fc.webUrl(), ...marks }, { requiredKeys: ['kind', 'uri'] }),
  fc.record({ kind: fc.constant('entry-ref' as const), ref: text, ...marks }, { requiredKeys: ['kind', 'ref'] }),
  fc.record({ kind: fc.constant('external' as const), anchor: fc.webUrl(), ...marks }, { requiredKeys: ['kind'] }),
);
const list = (items: fc.Arbitrary<ListItem>): fc.Arbitrary<ResourceList> =>
  fc.record(
    { kind: fc.constant('list' as const), name: text, items: fc.array(items, { maxLength: 4 }), ...marks },
    { requiredKeys: ['kind', 'items'] },
  );
const nested = list(fc.oneof(leaf, list(fc.oneof(leaf, list(leaf)))));
const documents: fc.Arbitrary<ResourceLists> = fc.record({ lists: fc.array(nested, { maxLength: 3 }) });
