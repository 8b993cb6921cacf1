import { parseCpim } from '@parley/cpim';
import { imdnsOf } from '@parley/imdn';
import { unwrap } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { readRaw } from '@parley/sip';
import { Client } from './client.ts';
import type { Ports, Wish } from './client.ts';

/** Somebody who is sent messages, and notifies of each once that it was delivered; or refuses what waited for him. */
export class Recipient {
  readonly client: Client;
  /** Messages that it took, or refused. */
  readonly seen = new Set<string>();
  private readonly refuses: boolean;

  constructor(account: string, ports: Ports, refuses: boolean) {
    this.refuses = refuses;
    this.client = new Client(account, ports, (request) => this.hear(request));
  }

  private hear(request: SipRequest): number {
    const body = Buffer.from(request.body).toString('latin1');
    const [, id] = /imdn\.Message-ID: (\S+)/.exec(body) ?? [];
    const [, from] = /<sip:([^@>]+)@/.exec(readRaw(request, 'From') ?? '') ?? [];
    if (id === undefined || from === undefined || body.includes('imdn+xml')) return 488;
    const isNew = !this.seen.has(id);
    this.seen.add(id);
    if (this.refuses) return 488;
    if (isNew) void this.client.send(this.notification(id, `sip:${from}@localhost`));
    return 200;
  }

  private notification(id: string, to: string): Wish {
    const name = `i-${this.client.account}-${id}`;
    const body = [
      `From: <${this.client.address}>`,
      `To: <${to}>`,
      'NS: imdn <urn:ietf:params:imdn>',
      `imdn.Message-ID: ${name}`,
      '',
      'Content-Type: message/imdn+xml',
      'Content-Disposition: notification',
      '',
      `<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>${id}</message-id><datetime>${new Date().toISOString()}</datetime>` +
        '<delivery-notification><status><delivered/></status></delivery-notification></imdn>',
    ].join('\r\n');
    return { method: 'MESSAGE', uri: to, to, callId: name, cSeq: 1, lines: ['Content-Type: message/cpim'], body };
  }
}

/** What a sender heard of a message: of whom, and how often in messages that differ in their names. */
export type Outcomes = ReadonlyMap<string, readonly string[]>;

/** Somebody who sends messages that ask for delivery notifications, and notes what comes of each. */
export class Sender {
  readonly client: Client;
  /** By Message-ID and recipient: what was told. */
  readonly outcomes = new Map<string, string[]>();
  /** Messages that came again by the same names, as a crash may make them. */
  repeated = 0;
  /** Octets of each aggregated notification that came. */
  readonly summaries: number[] = [];
  /** Answers that were none of a message that is on its way. */
  readonly faults: string[] = [];
  private readonly heard = new Set<string>();

  constructor(account: string, ports: Ports) {
    this.client = new Client(account, ports, (request) => this.hear(request));
  }

  /** Messages that came, those that came again among them. */
  get came(): number {
    return this.heard.size + this.repeated;
  }

  /** Sends one message to one recipient; resolves when it was accepted. */
  async toOne(id: string, recipient: string): Promise<void> {
    const to = `sip:${recipient}@localhost`;
    const lines = ['Content-Type: message/cpim'];
    await this.post({ uri: to, to, callId: id, lines, body: this.message(id, to, '') });
  }

  /** Sends one message to many, with a summary. */
  async toMany(id: string, recipients: readonly string[]): Promise<void> {
    const to = 'sip:list@localhost';
    const entries = recipients.map((name) => `<entry uri="sip:${name}@localhost"/>`).join('');
    const body = [
      '--b1\r\nContent-Type: message/cpim\r\n',
      this.message(id, to, ';summary'),
      '--b1\r\nContent-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list\r\n',
      `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list>${entries}</list></resource-lists>`,
      '--b1--\r\n',
    ].join('\r\n');
    const lines = ['Require: recipient-list-message', 'Content-Type: multipart/mixed;boundary=b1'];
    await this.post({ uri: to, to, callId: id, lines, body });
  }

  private async post(wish: Omit<Wish, 'method' | 'cSeq'>): Promise<void> {
    const status = await this.client.send({ ...wish, method: 'MESSAGE', cSeq: 1 });
    if (status >= 300) this.faults.push(`${wish.callId} was answered ${status}`);
  }

  private message(id: string, to: string, parameter: string): string {
    return [
      `From: <${this.client.address}>`,
      `To: <${to}>`,
      'DateTime: 2026-11-21T20:00:00Z',
      'NS: imdn <urn:ietf:params:imdn>',
      `imdn.Message-ID: ${id}`,
      `imdn.Disposition-Notification: positive-delivery${parameter}, negative-delivery${parameter}`,
      '',
      'Content-Type: text/plain',
      '',
      `message ${id}`,
    ].join('\r\n');
  }

  private hear(request: SipRequest): number {
    const name = ['Call-ID', 'CSeq', 'From'].map((field) => readRaw(request, field) ?? '').join(' ');
    if (this.heard.has(name)) this.repeated++;
    else this.note(request, name);
    this.heard.add(name);
    return 200;
  }

  private note(request: SipRequest, name: string): void {
    const [, from = ''] = /<sip:([^@>]+)@/.exec(readRaw(request, 'From') ?? '') ?? [];
    if (Buffer.from(request.body).includes('multipart/mixed')) this.summaries.push(request.body.length);
    for (const { messageId, recipientUri, disposition } of unwrap(imdnsOf(unwrap(parseCpim(request.body)).content))) {
      const recipient = /sip:([^@>]+)@/.exec(recipientUri ?? '')?.[1] ?? from;
      const key = `${messageId} ${recipient}`;
      const told = this.outcomes.get(key) ?? [];
      told.push(`${disposition?.status ?? 'nothing'} by ${name}`);
      this.outcomes.set(key, told);
    }
  }
}
