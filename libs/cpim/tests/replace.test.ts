import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { cpimReplaceIn, parseCpimHead, withoutCpimReplace } from '../src/index.ts';

const octets = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const textOf = (bytes: readonly Uint8Array[]): string => bytes.map((part) => String.fromCharCode(...part)).join('');
const message = (...lines: string[]): Uint8Array =>
  octets([...lines, '', 'Content-Type: text/plain', '', 'new'].join('\r\n'));
const replaceIn = (bytes: Uint8Array) => {
  const head = unwrap(parseCpimHead(bytes));
  return head.complete ? cpimReplaceIn(head.value) : undefined;
};
const ns = 'NS: r <urn:parley:params:cpim:replace>';

describe('The headers by which a message replaces or recalls another (docs/specs/replace-message.md §4.3)', () => {
  it('are known by their namespace, whatever the prefix; the action is replace where none is said', () => {
    expect(replaceIn(message(ns, 'r.Message-ID: m1'))).toEqual({ messageId: 'm1', action: 'replace' });
    expect(replaceIn(message(ns, 'r.Message-ID: m1', 'r.Action: Recall'))).toEqual({
      messageId: 'm1',
      action: 'recall',
    });
    expect(replaceIn(message('NS: replace <urn:other>', 'replace.Message-ID: m1'))).toBeUndefined();
  });

  it('mean nothing as an action alone', () => {
    expect(replaceIn(message(ns, 'r.Action: recall'))).toBeUndefined();
  });

  it('are taken out with the declaration of their namespace, and nothing else changes', () => {
    const others = ['From: <sip:alice@localhost>', 'NS: imdn <urn:ietf:params:imdn>', 'imdn.Message-ID: m2'];
    const plain = withoutCpimReplace(message(...others, ns, 'r.Message-ID: m1', 'r.Action: replace'));
    expect(textOf(plain ?? [])).toBe(textOf([message(...others)]));
    expect(withoutCpimReplace(octets('From: nobody'))).toBeUndefined();
  });
});
