import { encodeUtf8, unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anonymousUri, parseResourceLists, recipientHistory, recipientsOf, uniqueRecipients } from '../src/index.ts';
import type { CopyControl, Recipient } from '../src/index.ts';
import { vector } from './vectors.ts';

function listOf(content: string): ReturnType<typeof recipientsOf> {
  const namespaces = 'xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:cp="urn:ietf:params:xml:ns:copycontrol"';
  return recipientsOf(
    unwrap(parseResourceLists(encodeUtf8(`<resource-lists ${namespaces}>${content}</resource-lists>`))),
  );
}

const bySpelling = ({ uri }: Recipient): string => uri;

function person(uri: string, copyControl: CopyControl, anonymize = false): Recipient {
  return { uri, copyControl, anonymize };
}

describe('recipients of a document', () => {
  it('MUST be blind ones where nothing is said (RFC 5364 §4)', () => {
    expect(listOf('<list><entry uri="sip:a@x"/></list>').named).toEqual([person('sip:a@x', 'bcc')]);
  });

  it('are those of all its lists, hierarchy undone (RFC 5365 §4)', () => {
    const { named, unresolved } = listOf(`
      <list><entry uri="sip:a@x" cp:copyControl="to"/><list><entry uri="sip:b@x"/></list></list>
      <list><entry uri="sip:c@x" cp:copyControl="cc"/></list>`);
    expect(named.map(({ uri }) => uri)).toEqual(['sip:a@x', 'sip:b@x', 'sip:c@x']);
    expect(unresolved).toEqual([]);
  });

  it('take the marks of their list where they have none of their own (RFC 5364 §4)', () => {
    const { named } = listOf(`
      <list><list cp:copyControl="cc" cp:anonymize="true">
        <entry uri="sip:a@x"/><entry uri="sip:b@x" cp:copyControl="to" cp:anonymize="false"/>
      </list></list>`);
    expect(named).toEqual([person('sip:a@x', 'cc', true), person('sip:b@x', 'to')]);
  });

  it('do not include what only XCAP can resolve (RFC 5365 §4)', () => {
    const { named, unresolved } = listOf('<list><entry-ref ref="r"/><external anchor="http://x/"/></list>');
    expect(named).toEqual([]);
    expect(unresolved).toEqual(['r', 'http://x/']);
  });
});

describe('a recipient named more than once', () => {
  it('MUST count once (RFC 5363 §4.1), with the role of highest precedence (RFC 5364 §4)', () => {
    const all = [person('sip:a@x', 'bcc'), person('sip:b@x', 'cc'), person('sip:a@x', 'cc'), person('sip:a@x', 'to')];
    expect(uniqueRecipients(all, bySpelling)).toEqual([person('sip:a@x', 'to'), person('sip:b@x', 'cc')]);
  });

  it('stays anonymous when it was to be so once', () => {
    const all = [person('sip:a@x', 'to'), person('sip:a@x', 'cc', true)];
    expect(uniqueRecipients(all, bySpelling)).toEqual([person('sip:a@x', 'to', true)]);
  });
});

describe('a recipient-history list', () => {
  it('counts anonymous recipients by role and leaves blind ones out (RFC 5364 §6, figures 3 and 4)', () => {
    const sent = unwrap(parseResourceLists(vector('rfc5364/valid/figure-3-recipient-list.xml')));
    const received = unwrap(parseResourceLists(vector('rfc5364/valid/figure-4-recipient-history.xml')));
    expect(recipientHistory(recipientsOf(sent).named)).toEqual(received);
  });

  it('is not there when all are blind (RFC 5364 §4)', () => {
    expect(recipientHistory([person('sip:a@x', 'bcc'), person('sip:b@x', 'bcc', true)])).toBeUndefined();
  });

  it('MUST NOT show a blind or an anonymous URI, and counts every other one', () => {
    const recipients = fc.array(
      fc.record({
        uri: fc.integer({ min: 0, max: 99 }).map((n) => `sip:${n}@x`),
        copyControl: fc.constantFrom<CopyControl>('to', 'cc', 'bcc'),
        anonymize: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(recipients, (all) => {
        const unique = uniqueRecipients(all, bySpelling);
        const items = recipientHistory(unique)?.lists[0]?.items ?? [];
        const shown = items.flatMap((item) => (item.kind === 'entry' ? [item] : []));
        const hidden = new Set(unique.filter((r) => r.anonymize || r.copyControl === 'bcc').map(bySpelling));
        expect(shown.filter(({ uri }) => hidden.has(uri))).toEqual([]);
        const counted = shown.reduce((sum, { uri, count }) => sum + (uri === anonymousUri ? (count ?? 0) : 1), 0);
        expect(counted).toBe(unique.filter(({ copyControl }) => copyControl !== 'bcc').length);
      }),
    );
  });
});
