import type { Random, Refusal } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import { createResponseTo, field } from '@parley/sip';
import type { ServerTransaction, TransactionLayer } from '@parley/sip-stack';
import { Veils } from '../../privacy/veils.ts';
import type { Telemetry } from '../../telemetry.ts';

/** Characters of a To tag of ours: 160 bits, since tags prove the dialogs of rooms. @spec RFC 3261 §19.3 */
const tagLength = 32;

/** Answers requests: adds what every response of ours has, and counts it. */
export class Responder {
  private readonly layer: Pick<TransactionLayer, 'respond'>;
  private readonly random: Random;
  private readonly telemetry: Telemetry;
  private readonly agent: string;
  /** Requests whose sender is hidden from those who answer. */
  readonly veils = new Veils();

  /** @param agent - host that a Warning names */
  constructor(layer: Pick<TransactionLayer, 'respond'>, random: Random, telemetry: Telemetry, agent: string) {
    this.layer = layer;
    this.random = random;
    this.telemetry = telemetry;
    this.agent = agent;
  }

  /** Answers with a response of our own making. */
  reply(to: ServerTransaction, status: number, phrase?: string, fields?: readonly RawField[], body?: Uint8Array): void {
    this.send(to, this.response(to.request, status, phrase, fields, body));
  }

  /** A response of our own making, with a To tag. */
  response(
    request: SipRequest,
    status: number,
    phrase?: string,
    fields?: readonly RawField[],
    body?: Uint8Array,
  ): SipResponse {
    const toTag = status === 100 ? undefined : randomToken(this.random, tagLength);
    return createResponseTo(request, status, phrase, { toTag, fields, body });
  }

  /** {@link response} with the reason in a Warning, where there is one. @spec RFC 3261 §20.43 */
  warned(request: SipRequest, status: number, why: string | undefined, code = 399): SipResponse {
    return this.response(request, status, undefined, why === undefined ? [] : [this.warning(why, code)]);
  }

  /** Says no, with the reason in a Warning. */
  refuse(to: ServerTransaction, { status, phrase, message, retryAfter }: Refusal): void {
    const later: readonly RawField[] = retryAfter === undefined ? [] : [['Retry-After', String(retryAfter)]];
    this.reply(to, status, phrase, [this.warning(message, 399), ...later]);
  }

  /** Passes a response on. */
  send(to: ServerTransaction, response: SipResponse): boolean {
    const lifted = this.veils.size === 0 ? response : this.veils.lifted(to, response);
    if (!this.layer.respond(to, lifted)) return false;
    this.telemetry.response(to.request.method, response.statusCode);
    return true;
  }

  private warning(text: string, code: number): RawField {
    return ['Warning', field.warning.serialise({ code, agent: this.agent, text })];
  }
}
