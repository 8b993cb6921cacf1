import { describe, expect, it } from 'vitest';
import { closingLine, tally } from '../../.config/setup/tally.mjs';

interface Report {
  readonly passed?: number;
  readonly failed?: number;
  readonly pending?: number;
  readonly broken?: number;
}

function report({ passed = 0, failed = 0, pending = 0, broken = 0 }: Report): Parameters<typeof tally>[0] {
  const withFailure = failed === 0 ? [] : [{ status: 'failed', assertionResults: [{ status: 'failed' }] }];
  const unloadable = Array.from({ length: broken }, () => ({ status: 'failed', assertionResults: [] }));
  return {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: pending,
    numTodoTests: 0,
    testResults: [...withFailure, ...unloadable],
  };
}

describe('the counts of a test run', () => {
  it('are those of vitest', () => {
    expect(tally(report({ passed: 3, failed: 1 }), 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  it('hold a file that could not be loaded as failed', () => {
    expect(tally(report({ passed: 3, broken: 2 }), 1).failed).toBe(2);
  });

  it('hold a failure that vitest tells by its exit code alone', () => {
    expect(tally(report({ passed: 3 }), 1).failed).toBe(1);
  });

  it('close with one plain line', () => {
    expect(closingLine([tally(report({ passed: 3 }), 0), { passed: 1, failed: 0, skipped: 0 }])).toEqual({
      failed: 0,
      line: '4 passed, 0 failed',
    });
    expect(closingLine([tally(report({ passed: 3, pending: 1 }), 0)]).line).toBe('3 passed, 0 failed, 1 skipped');
  });
});
