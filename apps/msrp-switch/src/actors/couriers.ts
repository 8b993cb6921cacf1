import type { AnswerDesk } from './answer-desk.ts';
import type { Distributor } from './distributor.ts';
import type { Pacer } from './pacer.ts';

/** Who pass a message on, let its sender wait, and hear what its recipients answer. */
export interface Couriers {
  readonly distributor: Distributor;
  readonly pacer: Pacer;
  readonly answers: AnswerDesk;
}
