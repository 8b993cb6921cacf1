import type { Clock, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { BusFailure } from './bus-failure.ts';
import { busFailure } from './bus-failure.ts';
import type { Headers, Link, LinkMessage } from './link.ts';
import { checkSend, linkFailure } from './link-guard.ts';

/** One question that waits. */
interface Exchange {
  /** Takes an answer; true when no more are wanted. */
  answer(message: LinkMessage): boolean;
  fail(failure: BusFailure): void;
}

/** A request as octets. */
export interface RawRequest {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Headers;
  /** Milliseconds to wait. */
  readonly within: number;
}

/** Numbers requests under an inbox of its own, so that one subscription brings all answers back. */
export class Requests {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #inbox: string;
  readonly #open = new Map<string, Exchange>();
  #number = 0;

  constructor(link: Link, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
    this.#inbox = `${link.newInbox()}.`;
    link.subscribe(`${this.#inbox}*`, undefined, (message) => {
      this.#open.get(message.subject.slice(this.#inbox.length))?.answer(message);
    });
    link.onState((state) => {
      if (state !== 'connected') this.#failAll();
    });
  }

  /** Sends one request and waits for the first answer; the server's word that nobody listens is one. */
  ask(request: RawRequest): Promise<Result<LinkMessage, BusFailure>> {
    return new Promise((resolve) => {
      this.#send(request, {
        answer: (message) => {
          resolve(ok(message));
          return true;
        },
        fail: (failure) => {
          resolve(err(failure));
        },
      });
    });
  }

  /** Sends one request and collects answers until its time is over or there are `enough`. */
  gather(request: RawRequest, enough: number): Promise<Result<readonly LinkMessage[], BusFailure>> {
    const answers: LinkMessage[] = [];
    return new Promise((resolve) => {
      this.#send(request, {
        answer: (message) => {
          if (!message.isNoResponder) answers.push(message);
          const isComplete = message.isNoResponder || answers.length >= enough;
          if (isComplete) resolve(ok(answers));
          return isComplete;
        },
        fail: (failure) => {
          resolve(failure.reason === 'timeout' ? ok(answers) : err(failure));
        },
      });
    });
  }

  #send({ subject, data, headers, within }: RawRequest, exchange: Exchange): void {
    const sendable = checkSend(this.#link, subject, data);
    if (!sendable.ok) {
      exchange.fail(sendable.error);
      return;
    }
    const token = (this.#number++).toString(36);
    const cancelTimer = this.#clock.after(Math.max(0, within), () => {
      this.#open.delete(token);
      exchange.fail(busFailure('timeout', `no answer on ${subject} by the deadline`));
    });
    const close = (): void => {
      this.#open.delete(token);
      cancelTimer();
    };
    this.#open.set(token, {
      answer: (message) => {
        const isComplete = exchange.answer(message);
        if (isComplete) close();
        return isComplete;
      },
      fail: (failure) => {
        close();
        exchange.fail(failure);
      },
    });
    this.#link.publish(subject, data, headers, this.#inbox + token);
  }

  #failAll(): void {
    const failure = linkFailure(this.#link);
    for (const exchange of [...this.#open.values()]) exchange.fail(failure);
  }
}
