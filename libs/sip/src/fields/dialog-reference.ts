import type { Parameters } from '../grammar/parameters.ts';
import { scanParameters, serialiseParameters } from '../grammar/parameters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { scanCallId } from './call-id.ts';
import { single } from './define.ts';
import type { Untaken } from './take.ts';
import { parameter, takeFlag, takeToken } from './take.ts';

/** A dialog that this one takes over. @spec RFC 3891 §6.1 */
export interface Replaces {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  /** Only while it is early. */
  readonly earlyOnly: boolean;
  readonly parameters: Parameters;
}

/** A dialog that this one joins. @spec RFC 3911 §7.1 */
export type Join = Omit<Replaces, 'earlyOnly'>;

/** A dialog whose members are trusted. @spec RFC 4538 §7 */
export interface TargetDialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly parameters: Parameters;
}

function mustHave(s: Scanner, parameters: Untaken, name: string): string {
  const tag = takeToken(s, parameters, name);
  if (tag === undefined) s.fail(name, `expected ${name}`, 'RFC 3891 §6.1');
  return tag ?? '';
}

function scanJoin(s: Scanner): Join & { readonly parameters: Untaken } {
  const callId = scanCallId(s);
  const parameters = scanParameters(s);
  return {
    callId,
    toTag: mustHave(s, parameters, 'to-tag'),
    fromTag: mustHave(s, parameters, 'from-tag'),
    parameters,
  };
}

function serialiseJoin(value: Join): string {
  const tags = parameter('to-tag', value.toTag) + parameter('from-tag', value.fromTag);
  return value.callId + tags + serialiseParameters(value.parameters);
}

/** The dialog that an INVITE replaces. @spec RFC 3891 §6.1 */
export const replaces: HeaderDefinition<Replaces> = single(
  'Replaces',
  (s) => {
    const join = scanJoin(s);
    return { ...join, earlyOnly: takeFlag(join.parameters, 'early-only') };
  },
  (value) => serialiseJoin(value) + (value.earlyOnly ? ';early-only' : ''),
);

/** The dialog that an INVITE joins. @spec RFC 3911 §7.1 */
export const join: HeaderDefinition<Join> = single('Join', scanJoin, serialiseJoin);

/** The dialog that gives the sender its right to ask. @spec RFC 4538 §7 */
export const targetDialog: HeaderDefinition<TargetDialog> = single(
  'Target-Dialog',
  (s) => {
    const callId = scanCallId(s);
    const parameters = scanParameters(s);
    const localTag = mustHave(s, parameters, 'local-tag');
    return { callId, localTag, remoteTag: mustHave(s, parameters, 'remote-tag'), parameters };
  },
  (value) => {
    const tags = parameter('local-tag', value.localTag) + parameter('remote-tag', value.remoteTag);
    return value.callId + tags + serialiseParameters(value.parameters);
  },
);
