import { eventually } from '@parley/testing';
import { Recipient, Sender } from './ends.ts';
import { Installation } from './installation.ts';
import type { Victim } from './installation.ts';

/** How large a trial is. */
export interface Size {
  /** To one recipient each. */
  readonly messages: number;
  /** To {@link listSize} recipients each, with a summary. */
  readonly lists: number;
  readonly senders: number;
  /** Half of them are away when they are sent messages, and come back. */
  readonly recipients: number;
  /** Who is killed, one after the other, at even distances. */
  readonly crashes: readonly (readonly Victim[])[];
  /** Messages of one sender under way. */
  readonly window: number;
  /** Milliseconds that shards stay with a service that was killed. */
  readonly lease: number;
  /** Milliseconds for the last outcomes to come in. */
  readonly patience: number;
}

/** Recipients of a message to a list. */
const listSize = 10;

/** What came of a trial. */
export interface Report {
  /** Pairs of message and recipient. */
  readonly messages: number;
  readonly delivered: number;
  readonly failed: number;
  /** Without an outcome. */
  readonly missing: readonly string[];
  /** With several. */
  readonly several: readonly string[];
  /** Of what was never sent so. */
  readonly strange: readonly string[];
  readonly faults: readonly string[];
  /** Messages to senders that came again by the same names. */
  readonly repeated: number;
}

/** One message, and whom it is for. */
interface Job {
  readonly id: string;
  readonly sender: Sender;
  readonly to: readonly string[];
}

/**
 * Senders write to recipients half of whom are away, while what serves them is killed; each message must have exactly one
 * outcome at its sender in the end, told by who took it or by the server when it was refused.
 *
 * @param say - hears how far it is
 */
export async function trial(size: Size, say: (text: string) => void = () => {}): Promise<Report> {
  const names = Array.from({ length: size.recipients }, (_, i) => `r${i}`);
  const writers = Array.from({ length: size.senders }, (_, i) => `s${i}`);
  await using installation = await Installation.start([...names, ...writers], size.lease);
  const portsOf = (at: number) => () => (at % 2 === 0 ? installation.ports : installation.ports.toReversed());
  // The last twentieth refuses whatever waited for it.
  const refusing = Math.ceil(size.recipients / 20);
  const recipients = names.map((name, at) => new Recipient(name, portsOf(at), at >= size.recipients - refusing));
  const away = recipients.slice(size.recipients / 2);
  const comers = away.slice(0, -refusing);
  const senders = writers.map((name, at) => new Sender(name, portsOf(at)));
  const clients = [...recipients, ...senders].map(({ client }) => client);
  await Promise.all(clients.map((client) => client.on()));
  for (const { client } of away) client.off();
  const jobs = jobsOf(size, senders, names);
  let sent = 0;
  const crashing = crashAll(installation, size, jobs.length, () => sent, say);
  const turning = comeAndGo(comers, jobs.length, () => sent);
  await Promise.all(
    senders.map((sender, at) =>
      lanes(
        size.window,
        jobs.filter((_, i) => i % senders.length === at),
        async ({ id, to }) => {
          await (to.length === 1 ? sender.toOne(id, to[0] ?? '') : sender.toMany(id, to));
          sent++;
          if (sent % 5000 === 0) say(`${sent} of ${jobs.length} accepted`);
        },
      ),
    ),
  );
  await Promise.all([crashing, turning]);
  for (const { client } of away) void client.on();
  say('all accepted, everybody is back');
  const due = jobs.reduce((sum, { to }) => sum + to.length, 0);
  let looks = 0;
  await eventually(
    () => {
      const missing = due - senders.reduce((sum, { outcomes }) => sum + outcomes.size, 0);
      if (looks++ % 20 === 0) say(`${missing} outcomes are missing`);
      if (missing > 0) throw new Error(`${missing} outcomes are missing`);
    },
    { within: size.patience, every: 1_000 },
  ).catch((error: unknown) => {
    say(String(error));
  });
  await silence(senders);
  for (const client of clients) client.off();
  return reportOf(jobs, senders);
}

/** Waits until nothing has come for a while: what comes twice comes late. */
async function silence(senders: readonly Sender[]): Promise<void> {
  const heard = (): number => senders.reduce((sum, sender) => sum + sender.came, 0);
  for (let before = -1; before !== heard();) {
    before = heard();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
}

function jobsOf(size: Size, senders: readonly Sender[], names: readonly string[]): readonly Job[] {
  const total = size.messages + size.lists;
  const every = size.lists === 0 ? Infinity : Math.floor(total / size.lists);
  let lists = 0;
  return Array.from({ length: total }, (_, i) => {
    const sender = senders[i % senders.length];
    if (sender === undefined) throw new Error('nobody sends');
    const isList = i % every === every - 1 && lists < size.lists;
    if (isList) lists++;
    const to = Array.from({ length: isList ? listSize : 1 }, (_, k) => names[(i * 7 + k * 3) % names.length] ?? '');
    return { id: `m${i}`, sender, to: [...new Set(to)] };
  });
}

/** Works through jobs, so many at a time. */
async function lanes<T>(width: number, jobs: readonly T[], work: (job: T) => Promise<void>): Promise<void> {
  const left = jobs.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const job of left) await work(job);
    }),
  );
}

const reached = async (sent: () => number, goal: number): Promise<void> => {
  while (sent() < goal) await new Promise((resolve) => setTimeout(resolve, 20));
};

async function crashAll(
  installation: Installation,
  { crashes }: Size,
  total: number,
  sent: () => number,
  say: (text: string) => void,
): Promise<void> {
  for (const [at, victims] of crashes.entries()) {
    await reached(sent, Math.floor((total * (at + 1)) / (crashes.length + 1)));
    say(`kill -9 of ${victims.join(' and ')} at ${sent()}`);
    await installation.crash(victims, 100 + 150 * at);
  }
}

/** They come back halfway, and a part of them goes once more. */
async function comeAndGo(comers: readonly Recipient[], total: number, sent: () => number): Promise<void> {
  await reached(sent, total / 2);
  for (const { client } of comers) void client.on();
  await reached(sent, (total * 2) / 3);
  for (const [at, { client }] of comers.entries()) if (at % 2 === 0) client.off();
}

function reportOf(jobs: readonly Job[], senders: readonly Sender[]): Report {
  const expected = new Set<string>();
  const missing: string[] = [];
  const several: string[] = [];
  const counts = { delivered: 0, failed: 0 };
  for (const { id, sender, to } of jobs)
    for (const recipient of to) {
      const key = `${id} ${recipient}`;
      expected.add(key);
      const told = sender.outcomes.get(key) ?? [];
      if (told.length === 0) missing.push(key);
      else if (told.length > 1) several.push(`${key}: ${told.join(', ')}`);
      if (told[0]?.startsWith('delivered') === true) counts.delivered++;
      if (told[0]?.startsWith('failed') === true) counts.failed++;
    }
  const strange = senders.flatMap(({ outcomes }) => [...outcomes.keys()].filter((key) => !expected.has(key)));
  const repeated = senders.reduce((sum, sender) => sum + sender.repeated, 0);
  return {
    ...{ messages: expected.size, ...counts, missing, several, strange, repeated },
    faults: senders.flatMap(({ faults }) => faults),
  };
}
