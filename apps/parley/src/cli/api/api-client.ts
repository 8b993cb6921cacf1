import * as v from 'valibot';
import { CommandError, exitCode } from '../exit-code.ts';
import type { ApiAddress } from './find-api.ts';
import { failure, page } from './views.ts';

/** Milliseconds that an answer may take; the API itself gives up sooner. */
const patience = 15_000;

/** What is asked of the API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, e.g. `/users`. */
  readonly path: string;
  readonly body?: object;
}

/** The HTTP API, as commands use it. */
export class ApiClient {
  readonly #address: ApiAddress;

  constructor(address: ApiAddress) {
    this.#address = address;
  }

  /** @returns parsed JSON; undefined for no content. @throws CommandError when refused, or when nobody answers */
  async ask(request: ApiRequest): Promise<unknown> {
    const response = await this.#send(request);
    const text = await response.text();
    const answer = parse(text);
    if (response.ok && (text === '' || answer !== undefined)) return answer;
    throw this.#refusal(response.status, answer);
  }

  /** Asks and reads the answer. @throws CommandError when it is not what this version knows */
  async read<const Schema extends v.GenericSchema>(
    schema: Schema,
    request: ApiRequest,
  ): Promise<v.InferOutput<Schema>> {
    return this.#understand(schema, await this.ask(request));
  }

  /** All items of a list, page by page. */
  async readAll<const Schema extends v.GenericSchema>(schema: Schema, path: string): Promise<v.InferOutput<Schema>[]> {
    const items: v.InferOutput<Schema>[] = [];
    let cursor: string | null = '';
    do {
      const query: string = cursor === '' ? '?limit=500' : `?limit=500&cursor=${encodeURIComponent(cursor)}`;
      const part: v.InferOutput<typeof page> = await this.read(page, { method: 'GET', path: path + query });
      items.push(...part.items.map((item) => this.#understand(schema, item)));
      cursor = part.next;
    } while (cursor !== null);
    return items;
  }

  async #send({ method, path, body }: ApiRequest): Promise<Response> {
    const { url, token } = this.#address;
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const options = { method, headers, ...content, redirect: 'error', signal: AbortSignal.timeout(patience) } as const;
    try {
      return await fetch(`${url}/api/v1${path}`, options);
    } catch (cause) {
      const hint = 'is npm start running? PARLEY_URL or PARLEY_DATA_DIR say where';
      throw new CommandError(
        exitCode.unreachable,
        'unreachable',
        `no answer from ${url} (${reasonOf(cause)}): ${hint}`,
        {
          cause,
        },
      );
    }
  }

  #refusal(status: number, answer: unknown): CommandError {
    const read = v.safeParse(failure, answer);
    if (!read.success) return this.#stranger(`it answered ${status}`);
    const { code, message } = read.output.error;
    const hint =
      status === 401
        ? '; set PARLEY_ADMIN_TOKEN, or PARLEY_DATA_DIR to the data directory of the npm start that is meant'
        : '';
    return new CommandError(exitCode.failed, code, message + hint);
  }

  #understand<const Schema extends v.GenericSchema>(schema: Schema, answer: unknown): v.InferOutput<Schema> {
    const read = v.safeParse(schema, answer);
    if (read.success) return read.output;
    throw this.#stranger('its answer is of a shape that this version does not know');
  }

  #stranger(why: string): CommandError {
    return new CommandError(
      exitCode.failed,
      'bad-answer',
      `${this.#address.url} does not answer as Parley does: ${why}`,
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return error.name === 'TimeoutError' ? 'timeout' : error.message;
}
