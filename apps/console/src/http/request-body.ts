import type { IncomingMessage } from 'node:http';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Problem } from './problem.ts';
import { problem } from './problem.ts';

/** Octets of the largest body, unless a resource says otherwise: a room with a thousand members fits well. */
const usualMost = 131_072;

/** `application/json`, in UTF-8 as there is no other (RFC 8259 §8.1); clients that say so are taken at their word. */
const jsonType = /^application\/json *(?:; *charset *= *"?utf-8"? *)?$/i;

/**
 * Reads a body as JSON. Rejects only when the client goes away before it has sent all of it.
 *
 * @param most - octets
 */
export async function readJson(request: IncomingMessage, most = usualMost): Promise<Result<unknown, Problem>> {
  // What comes without a type is looked at (RFC 9110 §8.3).
  const { 'content-type': type = 'application/json', 'content-encoding': encoding = 'identity' } = request.headers;
  if (!jsonType.test(type)) {
    return err(problem(415, 'unsupported-media-type', 'expected Content-Type: application/json', accepts));
  }
  if (encoding.toLowerCase() !== 'identity') {
    return err(problem(415, 'unsupported-media-type', 'expected a body without Content-Encoding', accepts));
  }
  const octets = await readOctets(request, most);
  return octets === undefined ? err(tooLarge(most)) : parse(octets);
}

const accepts = { accept: 'application/json', 'accept-encoding': 'identity' } as const;

function tooLarge(most: number): Problem {
  return problem(413, 'too-large', `expected a body of at most ${most} octets`, { connection: 'close' });
}

/** @returns undefined when there are too many */
function readOctets(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > most) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= most) chunks.push(chunk);
      else resolve(undefined);
    });
    request.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.once('error', reject);
    request.once('close', () => {
      reject(new Error('the client went away')); // without effect after the end
    });
  });
}

function parse(octets: Buffer): Result<unknown, Problem> {
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets)) as unknown);
  } catch {
    return err(problem(400, 'malformed-json', 'expected a body of JSON in UTF-8'));
  }
}
