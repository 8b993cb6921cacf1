import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { PageWish } from '../adapters/page.ts';
import type { Problem } from '../http/problem.ts';
import { problem } from '../http/problem.ts';

/** Items of one page: unless asked otherwise, and at most. */
const pageSize = { usual: 50, most: 500 };
const longestCursor = 1_024;

/** Reads `limit` and the cursor of a query. */
export function pageWish(query: URLSearchParams, cursorName = 'cursor'): Result<PageWish, Problem> {
  const digits = query.get('limit') ?? String(pageSize.usual);
  const limit = Number(digits);
  if (!/^\d{1,9}$/.test(digits) || limit < 1 || limit > pageSize.most) {
    return err(problem(400, 'invalid', `limit: expected an integer from 1 to ${pageSize.most}`));
  }
  const cursor = query.get(cursorName) ?? '';
  if (cursor.length > longestCursor)
    return err(problem(400, 'invalid', `${cursorName}: expected the next of an earlier page`));
  return ok({ limit, cursor });
}
