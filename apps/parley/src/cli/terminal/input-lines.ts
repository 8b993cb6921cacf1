import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Lines of a stream of UTF-8; what comes before somebody asks for it waits. */
export interface InputLines {
  next(): Promise<IteratorResult<string, unknown>>;
  /** Ends them. */
  close(): void;
}

/**
 * Reads by octets: Node ends a line at U+2028 and U+2029 too, and what somebody says would go on as a command, or be said
 * to all where it was meant for one.
 */
export function inputLines(input: Readable): InputLines {
  input.setEncoding('latin1');
  const reader = createInterface({ input });
  const iterator = reader[Symbol.asyncIterator]();
  return {
    next: async () => {
      const line = await iterator.next();
      return line.done === true ? line : { value: Buffer.from(line.value, 'latin1').toString() };
    },
    close: () => {
      reader.close();
    },
  };
}
