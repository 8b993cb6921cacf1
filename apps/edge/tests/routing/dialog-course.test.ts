import { describe, expect, it } from 'vitest';
import type { FlowEnd } from '../../src/flows/flow-token.ts';
import { courseOf } from '../../src/routing/dialog-course.ts';

const end = (flow: string, isOfPair = true): FlowEnd => ({
  instance: 'e1',
  flow,
  account: flow,
  binding: '',
  isOfPair,
});
const from =
  (flow: string) =>
  (each: FlowEnd): boolean =>
    each.flow === flow;

describe('The course of a request within a dialog (RFC 5626 §5.3.1)', () => {
  const [alice, bob] = [end('alice'), end('bob')];

  it('leads from the one end to the other, whoever sends', () => {
    expect(courseOf([alice, bob], from('alice'))).toEqual({ kind: 'to', end: bob, from: alice });
    expect(courseOf([bob, alice], from('bob'))).toEqual({ kind: 'to', end: alice, from: bob });
    expect(courseOf([alice, bob], from('eve'))).toEqual({ kind: 'unproved', end: bob, from: alice });
  });

  it('leads out from an end whose dialog is with somebody beyond, and in to it', () => {
    const lone = end('alice', false);
    expect(courseOf([lone], from('alice'))).toEqual({ kind: 'onward', from: lone });
    expect(courseOf([lone], from('peer'))).toEqual({ kind: 'to', end: lone, from: undefined });
  });

  it('leads nowhere by the one half of a pair that somebody got hold of, nor without a token', () => {
    expect(courseOf([bob], from('eve'))).toEqual({ kind: 'half' });
    expect(courseOf([], from('alice'))).toBeUndefined();
  });
});
