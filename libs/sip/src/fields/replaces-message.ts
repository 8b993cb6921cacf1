import type { Parameters } from '../grammar/parameters.ts';
import { scanParameters, serialiseParameters } from '../grammar/parameters.ts';
import { quote, unquote } from '../grammar/quoted.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { single } from './define.ts';
import { parameter, takeNumber, takeToken } from './take.ts';

/** A message sent before that this one takes the place of, or takes back. */
export interface ReplacesMessage {
  /** Which of its names the reference is. */
  readonly by: 'message-id' | 'call-id';
  /** The imdn.Message-ID, or the Call-ID. */
  readonly reference: string;
  readonly action: 'replace' | 'recall';
  /** CSeq number, where one Call-ID carries many messages. */
  readonly cSeq?: number | undefined;
  readonly parameters: Parameters;
}

/** The message that is replaced or recalled; a token is an imdn.Message-ID, a quoted-string a Call-ID. */
export const replacesMessage: HeaderDefinition<ReplacesMessage> = single(
  'Replaces-Message',
  (s) => {
    const quoted = s.peek() === 0x22;
    const reference = quoted ? unquote(s.quotedString('message-ref')) : s.token('message-ref');
    const parameters = scanParameters(s);
    const action = takeToken(s, parameters, 'action')?.toLowerCase() ?? 'replace';
    if (action !== 'replace' && action !== 'recall') s.fail('replaces-param', 'expected replace or recall');
    const cSeq = takeNumber(s, parameters, 'cseq');
    return {
      by: quoted ? 'call-id' : 'message-id',
      reference,
      action: action === 'recall' ? 'recall' : 'replace',
      ...(cSeq === undefined ? {} : { cSeq }),
      parameters,
    };
  },
  (value) =>
    (value.by === 'call-id' ? quote(value.reference) : value.reference) +
    parameter('action', value.action) +
    parameter('cseq', value.cSeq) +
    serialiseParameters(value.parameters),
);
