import { readRaw } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { targetsOf } from '../../src/registrar/targets.ts';
import { breadthOf, withBreadth } from '../../src/routing/max-breadth.ts';
import { targetsFor } from '../../src/routing/secure-targets.ts';
import { targetGroups } from '../../src/routing/target-groups.ts';
import { requestWith } from '../support/messages.ts';
import { bindingOf } from '../support/registered.ts';

describe('Max-Breadth (RFC 5393 §5.3.3)', () => {
  const forwarded = (value: string | undefined, branches: number): string | undefined => {
    const request = requestWith('INVITE sip:bob@localhost', value === undefined ? [] : [`Max-Breadth: ${value}`]);
    return readRaw(withBreadth(request, branches), 'Max-Breadth');
  };

  it('MUST be added, MUST be cut to what is allowed, and is never less on the only branch', () => {
    expect([forwarded(undefined, 1), forwarded('500', 1), forwarded('7', 1)]).toEqual(['60', '60', '7']);
  });

  it('MUST NOT grow: parallel branches share it', () => {
    expect([forwarded(undefined, 4), forwarded('5', 2)]).toEqual(['15', '2']);
    expect(breadthOf(requestWith('INVITE sip:bob@localhost', ['Max-Breadth: 3']))).toBe(3);
  });

  it('makes parallel targets wait for each other where it does not suffice', () => {
    const bindings = ['<sip:a@192.0.2.1>', '<sip:b@192.0.2.2>', '<sip:c@192.0.2.3>;q=0.5'].map((text) =>
      bindingOf(text),
    );
    const targets = targetsOf(requestWith('INVITE sip:bob@localhost'), bindings);
    const shape = (breadth: number): readonly number[] => targetGroups(targets, breadth).map((group) => group.length);
    expect([shape(60), shape(1)]).toEqual([
      [2, 1],
      [1, 1, 1],
    ]);
  });
});

describe('sips: and sip: (RFC 5630 §5.3)', () => {
  const plain = bindingOf('<sip:bob@192.0.2.1>');
  const secure = bindingOf('<sips:bob@192.0.2.2>', { transport: 'TLS' });

  it('MUST send a sips: request to sips: contacts alone', () => {
    expect(targetsFor(requestWith('MESSAGE sips:bob@localhost'), [plain, secure])).toEqual([secure]);
  });

  it('MUST make sip: of sips: for any other request, over the same TLS', () => {
    const targets = targetsFor(requestWith('MESSAGE sip:bob@localhost'), [plain, secure]);
    expect(targets.map(({ target, transport }) => [target, transport])).toEqual([
      ['sip:bob@192.0.2.1', 'TCP'],
      ['sip:bob@192.0.2.2', 'TLS'],
    ]);
  });
});
