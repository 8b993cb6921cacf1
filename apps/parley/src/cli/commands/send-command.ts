import { systemRandom } from '@parley/service';
import type { ParleySettings } from '@parley/service';
import { field, read, readRaw } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import type { Command } from 'commander';
import { CommandError, exitCode, usageError } from '../exit-code.ts';
import { personUri, recipientUri } from '../sip/addresses.ts';
import type { Addressee } from '../sip/list-body.ts';
import { userAgent } from '../sip/user-agent.ts';
import type { Account } from '../sip/user-agent.ts';
import { passwordFor } from '../terminal/password.ts';
import { printable } from '../terminal/printable.ts';
import { addCommand, asJson } from './command.ts';
import type { Surroundings } from './surroundings.ts';

interface SendOptions {
  readonly from: string;
  readonly password?: string;
  readonly type: string;
  readonly cc?: string;
  readonly bcc?: string;
  readonly server?: string;
  readonly json?: true;
}

/** Adds `parley send`. */
export function addSendCommand(program: Command, { terminal, settings }: Surroundings): void {
  addCommand(program, {
    usage: 'send <to> <text>',
    description: 'send one message (SIP MESSAGE) to one or, between commas, several; done when the answer is a 2xx',
    example: 'send --from alice --password secret bob,carol --cc dave "Lunch?"',
  })
    .requiredOption('--from <account>', 'who sends it: a name, or an address')
    .option('--password <password>', 'of that account; asked for when absent')
    .option('--type <type>', 'what the text is', 'text/plain;charset=UTF-8')
    .option('--cc <to>', 'who gets a copy; addresses between commas')
    .option('--bcc <to>', 'who gets a copy that nobody else knows of')
    .option('--server <uri>', 'where to send it, such as sip:192.0.2.1:5060;transport=udp')
    .action(async (to: string, text: string, options: SendOptions) => {
      const known = settings();
      const addressees = addresseesOf(to, options, known.domain);
      const aor = personUri(options.from, known.domain, '--from');
      const wish = { given: options.password, question: `Password of ${options.from}`, twice: false };
      const response = await send(known, {
        aor,
        addressees,
        text,
        password: await passwordFor(terminal, wish),
        ...options,
      });
      terminal.write(
        options.json
          ? asJson({ ...answerOf(response), ...(addressees.length > 1 && { id: messageIdOf(response) }) })
          : `${lineOf(response)}\n`,
      );
      if (response.statusCode >= 300) throw refusal(response);
    });
}

/** Everybody who is to get the message. @throws CommandError for what is no address */
function addresseesOf(to: string, { cc = '', bcc = '' }: SendOptions, domain: string): readonly Addressee[] {
  const named = (text: string, copyControl: Addressee['copyControl'], option: string): readonly Addressee[] =>
    text
      .split(',')
      .flatMap((item) => item.trim() || [])
      .map((item) => ({ uri: recipientUri(item, domain, option), copyControl }));
  const addressees = [...named(to, 'to', 'to'), ...named(cc, 'cc', '--cc'), ...named(bcc, 'bcc', '--bcc')];
  if (addressees.length === 0) throw usageError('to: expected a name, or an address');
  return addressees;
}

/** One message and who sends it. */
interface Sending extends Account {
  readonly addressees: readonly Addressee[];
  readonly type: string;
  readonly text: string;
}

/** @throws CommandError when nobody is there to take it */
async function send(settings: ParleySettings, sending: Sending): Promise<SipResponse> {
  const { addressees, type, text } = sending;
  await using agent = await userAgent(settings, sending);
  const message = { contentType: type, body: Buffer.from(text) };
  const [only, ...others] = addressees;
  if (only?.copyControl === 'to' && others.length === 0) return await agent.sendMessage(only.uri, message);
  const { listBody } = await import('../sip/list-body.ts');
  return await agent.sendMessage(`sip:list@${settings.domain}`, listBody(message, addressees, systemRandom));
}

function answerOf(response: SipResponse): object {
  const { statusCode, reasonPhrase } = response;
  return { status: statusCode, reason: reasonPhrase, warning: readRaw(response, 'Warning') ?? null };
}

/** Names a message to several in `/api/v1/messages/{id}`: the To tag of its answer. */
function messageIdOf(response: SipResponse): string | null {
  const to = read(response, field.to);
  return (to.ok ? to.value?.tag : undefined) ?? null;
}

function lineOf(response: SipResponse): string {
  const warning = readRaw(response, 'Warning');
  const line = `${response.statusCode} ${response.reasonPhrase}`;
  return printable(warning === undefined ? line : `${line} (${warning})`);
}

/** What to make of an answer, where the number alone does not say it to everybody. */
const hints: Readonly<Record<number, string>> = {
  401: ': the name or the password is not the one',
  403: ': this sender may not',
  404: ': nobody has that address',
  407: ': the name or the password is not the one',
  408: ': nobody answered in time',
  470: ': a recipient of another domain has not agreed to it',
  480: ': no device of that address is there',
};

function refusal({ statusCode }: SipResponse): CommandError {
  const message = `the message was answered ${statusCode}${hints[statusCode] ?? ''}`;
  return new CommandError(exitCode.failed, 'refused', message);
}
