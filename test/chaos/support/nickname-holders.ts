import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import { rpc, shardSubject } from '@parley/contracts';
import type { nickname } from '@parley/contracts';
import { systemClock } from '@parley/service';

let commands = 0;

/** Asks as a switch does, and goes on asking by the same id until there is an answer that counts. */
export async function askUntilAnswered(
  bus: Bus,
  scope: string,
  command: NonNullable<nickname.NicknameCommand['command']>,
): Promise<NonNullable<nickname.NicknameReply['outcome']>> {
  const question = { commandId: `chaos-${String(++commands)}`, scope, command };
  for (;;) {
    const deadline = systemClock.now() + 5000;
    const reply = await bus.request(shardSubject('nickname', shardOf(scope)), rpc.nickname, question, { deadline });
    const outcome = reply.ok ? reply.value.outcome : undefined;
    const isPassing = outcome?.kind === 'refusal' && outcome.value.status === 503;
    if (outcome !== undefined && !isPassing) return outcome;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Who is known to hold what: said of nobody while a command is on its way that could take it away. */
export class Ledger {
  readonly violations: string[] = [];
  private readonly holders = new Map<string, string>();

  holds(scope: string, key: string, holder: string): void {
    const other = this.holders.get(`${scope} ${key}`);
    if (other !== undefined && other !== holder) this.violations.push(`${key} in ${scope}: ${other} and ${holder}`);
    this.holders.set(`${scope} ${key}`, holder);
  }

  mayLose(scope: string, key: string): void {
    this.holders.delete(`${scope} ${key}`);
  }
}

/** Somebody in a room who takes, changes and gives back nicknames all the time. */
export class Holder {
  readonly address: string;
  readonly room: string;
  /** What was granted last and not given back, as it is compared. */
  key = '';
  answered = 0;
  private isStopped = false;
  private readonly bus: Bus;
  private readonly ledger: Ledger;

  constructor(bus: Bus, ledger: Ledger, room: string, name: string) {
    this.bus = bus;
    this.ledger = ledger;
    this.room = room;
    this.address = `sip:${name}@localhost`;
  }

  stop(): void {
    this.isStopped = true;
  }

  /** @param pick - gives a number below its argument */
  async run(names: readonly string[], pick: (limit: number) => number): Promise<void> {
    while (!this.isStopped) {
      const act = pick(10);
      if (act === 0) await this.leave();
      else await this.take(act === 1 ? '' : (names[pick(names.length)] ?? ''));
      this.answered++;
      await new Promise((resolve) => setTimeout(resolve, pick(20)));
    }
  }

  private async take(nickname: string): Promise<void> {
    const before = this.key;
    if (before !== nickname.toLowerCase()) this.ledger.mayLose(this.room, before);
    const value = { nickname, holder: this.address, participant: 'p', room: this.room };
    const outcome = await askUntilAnswered(this.bus, this.room, { kind: 'reserve', value });
    // A change that is refused keeps what one had.
    this.key = outcome.kind === 'reserved' ? nickname.toLowerCase() : before;
    if (this.key !== '') this.ledger.holds(this.room, this.key, this.address);
  }

  private async leave(): Promise<void> {
    this.ledger.mayLose(this.room, this.key);
    this.key = '';
    const value = { holder: this.address, room: this.room, leftAt: systemClock.wallTime() };
    await askUntilAnswered(this.bus, this.room, { kind: 'release', value });
  }
}
