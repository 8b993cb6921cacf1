import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, TableEntry, TransactionTable } from '../../src/transaction-layer/transaction-table.ts';

class Named extends TableEntry<Named> {}

const names = fc.record({
  branch: fc.constantFrom(...Array.from({ length: 40 }, (_, i) => `z9hG4bK${i}`)),
  sentBy: fc.constantFrom('', 'a.example', 'b.example:5060'),
  method: fc.constantFrom('INVITE', 'MESSAGE'),
});

describe('the table of transactions', () => {
  it('finds by branch, sent-by and method what was added and not removed (RFC 3261 §17.2.3), as a Map does', () => {
    const steps = fc.array(fc.tuple(names, fc.boolean()), { maxLength: 400 });
    fc.assert(
      fc.property(steps, fc.integer(), (all, seed) => {
        const table = new TransactionTable<Named>(seed);
        const model = new Map<string, Named>();
        for (const [{ branch, sentBy, method }, isNew] of all) {
          const key = `${method} ${branch} ${sentBy}`;
          expect(table.find(branch, sentBy, method)).toBe(model.get(key));
          const known = model.get(key);
          if (known !== undefined) {
            table.remove(known);
            model.delete(key);
          } else if (isNew) {
            const entry = new Named(branch, sentBy, method);
            table.add(entry);
            model.set(key, entry);
          }
          expect(table.size).toBe(model.size);
        }
      }),
    );
  });

  it('grows, and forgets one that is not in it as if nothing were', () => {
    const table = new TransactionTable<Named>(7);
    const entries = Array.from({ length: 1_000 }, (_, i) => new Named(`z9hG4bK${i}`, '', 'MESSAGE'));
    for (const entry of entries) table.add(entry);
    table.remove(new Named('z9hG4bK1', '', 'MESSAGE'));
    expect(table.size).toBe(1_000);
    expect(entries.every((entry) => table.find(entry.branch, '', 'MESSAGE') === entry)).toBe(true);
    table.clear();
    expect(table.size).toBe(0);
    expect(table.find('z9hG4bK1', '', 'MESSAGE')).toBeUndefined();
  });

  it('spreads names by each of their parts, since a peer chooses all of them', () => {
    const numbers = Array.from({ length: 1_000 }, (_, i) => i);
    const spreadOf = (hashes: readonly number[]): number => new Set(hashes).size;
    expect(spreadOf(numbers.map((i) => hashOf(7, `z9hG4bK${i}`, 'a', 'MESSAGE')))).toBeGreaterThan(990);
    expect(spreadOf(numbers.map((i) => hashOf(7, 'z9hG4bKone', `host${i}`, 'MESSAGE')))).toBeGreaterThan(990);
    expect(spreadOf(numbers.map((i) => hashOf(7, 'z9hG4bKone', 'a', `M${i}`)))).toBeGreaterThan(990);
    expect(hashOf(7, 'z9hG4bKab', 'c', 'MESSAGE')).not.toBe(hashOf(7, 'z9hG4bKa', 'bc', 'MESSAGE'));
  });
});
