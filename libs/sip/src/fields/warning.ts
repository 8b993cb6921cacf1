import { quote, unquote } from '../grammar/quoted.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { list } from './define.ts';

/** More about a status, for people. @spec RFC 3261 §20.43 */
export interface Warning {
  /** 300 to 399 by RFC 3261; any three digits are read. */
  readonly code: number;
  /** Host or pseudonym of who warns. */
  readonly agent: string;
  /** Unicode. */
  readonly text: string;
}

const threeDigits = /^[0-9]{3}$/;

/** Reasons beyond the status code. @spec RFC 3261 §20.43 */
export const warning: HeaderDefinition<Warning> = list(
  'Warning',
  (s) => {
    const code = s.until(' \t,');
    if (!threeDigits.test(code)) s.fail('warn-code', 'expected three digits');
    s.expectBlanks('warning-value');
    const agent = s.until(' \t",');
    if (agent === '') s.fail('warn-agent', 'expected a host or a pseudonym');
    s.expectBlanks('warning-value');
    return { code: Number(code), agent, text: unquote(s.quotedString('warn-text')) };
  },
  (value) => `${value.code} ${value.agent} ${quote(value.text)}`,
);
