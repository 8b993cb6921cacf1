import { createResponseTo } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import {
  ackRequest,
  byeRequest,
  createUacDialog,
  createUasDialog,
  noAcks,
  repeatedAck,
  withAck,
} from '@parley/sip-stack';
import type { ServerTransaction } from '@parley/sip-stack';
import type { AgentCore } from './agent-core.ts';
import { Call } from './call.ts';
import { SipFailureError } from './failures.ts';
import { allowedMethods } from './options.ts';
import type { Reply } from './options.ts';
import type { Exchange } from './requester.ts';

/** The calls of an agent, by dialog. */
export type Calls = Map<string, Call>;

/** What an INVITE says. */
export interface InviteParts {
  readonly contentType?: string;
  readonly body?: Uint8Array;
  readonly fields?: readonly RawField[];
  readonly onProvisional?: (response: SipResponse) => void;
}

function remember(calls: Calls, call: Call): Call {
  calls.set(call.id, call);
  return call;
}

function inviteFields(core: AgentCore, { contentType, fields = [] }: InviteParts): RawField[] {
  const supported = core.options.supported ?? [];
  return [
    ['Contact', core.contact],
    ['Allow', allowedMethods],
    ...(supported.length === 0 ? [] : [['Supported', supported.join(', ')] satisfies RawField]),
    ...fields,
    ...(contentType === undefined ? [] : [['Content-Type', contentType] satisfies RawField]),
  ];
}

/** Acknowledges every 2xx of one INVITE; a second callee that accepts is told goodbye. @spec RFC 3261 §13.2.2.4 */
class Acceptances {
  call: Call | undefined;
  readonly #core: AgentCore;
  readonly #calls: Calls;
  #acks = noAcks;

  constructor(core: AgentCore, calls: Calls) {
    this.#core = core;
    this.#calls = calls;
  }

  readonly take = ({ request, response }: Exchange): void => {
    const { layer, flow, requester } = this.#core;
    const repeated = repeatedAck(this.#acks, response);
    if (repeated !== undefined) {
      layer.sendAck(repeated, flow);
      return;
    }
    const dialog = createUacDialog(request, response, { tls: flow.protocol === 'TLS' });
    if (!dialog.ok) return;
    const ack = ackRequest(dialog.value, request);
    this.#acks = withAck(this.#acks, response, ack);
    layer.sendAck(ack, flow);
    if (this.call !== undefined) {
      void requester.send(byeRequest(dialog.value)[0]);
      return;
    }
    const forget = (call: Call): void => {
      this.#calls.delete(call.id);
    };
    this.call = remember(this.#calls, new Call(this.#core, dialog.value, response.body, forget));
  };
}

/**
 * Invites somebody.
 *
 * @throws SipFailureError when the invitation is not accepted
 * @spec RFC 3261 §13.2
 */
export async function placeCall(core: AgentCore, calls: Calls, uri: string, parts: InviteParts): Promise<Call> {
  const acceptances = new Acceptances(core, calls);
  const request = core.request({ method: 'INVITE', uri, fields: inviteFields(core, parts), body: parts.body });
  const { response } = await core.requester.send(request, {
    onAccepted: acceptances.take,
    onProvisional: (provisional) => parts.onProvisional?.(provisional),
  });
  if (acceptances.call === undefined) throw new SipFailureError('INVITE', response);
  return acceptances.call;
}

/** Answers an INVITE outside of any dialog; a 2xx makes a call. @spec RFC 3261 §13.3 */
export async function answerCall(
  core: AgentCore,
  calls: Calls,
  transaction: ServerTransaction,
  request: SipRequest,
): Promise<void> {
  const { onInvite, onCall } = core.options;
  const reply: Reply = (await onInvite?.(request)) ?? { status: 480 };
  const own: RawField[] = reply.status < 300 ? [['Contact', core.contact]] : [];
  const response = createResponseTo(request, reply.status, undefined, {
    toTag: core.token(),
    fields: [...own, ...(reply.fields ?? [])],
    body: reply.body,
  });
  const dialog = createUasDialog(request, response);
  if (reply.status >= 300 || transaction.state === 'Completed' || transaction.state === 'Terminated') {
    core.layer.respond(transaction, response);
    return;
  }
  if (!dialog.ok) {
    core.layer.respond(transaction, createResponseTo(request, dialog.error.status, undefined, { toTag: core.token() }));
    return;
  }
  const forget = (call: Call): void => {
    calls.delete(call.id);
  };
  const call = remember(calls, new Call(core, dialog.value, request.body, forget));
  call.accept(transaction, response);
  onCall?.(call);
}
