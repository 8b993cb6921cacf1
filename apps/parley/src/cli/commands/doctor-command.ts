import { systemClock } from '@parley/service';
import type { Command } from 'commander';
import { examine } from '../doctor/doctor.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import { doctorText } from '../output/doctor-text.ts';
import { addCommand, asJson } from './command.ts';
import type { Surroundings } from './surroundings.ts';

/** Adds `parley doctor`. */
export function addDoctorCommand(program: Command, { terminal, settings }: Surroundings): void {
  addCommand(program, {
    usage: 'doctor',
    description: 'look at ports, NATS, services, certificate and DNS, and say what to do',
    example: 'doctor --json',
  }).action(async ({ json }: { readonly json?: true }) => {
    const checks = await examine(settings(), systemClock.wallTime());
    terminal.write(json ? asJson({ checks }) : doctorText(checks));
    const problems = checks.filter(({ state }) => state === 'problem').length;
    if (problems > 0)
      throw new CommandError(exitCode.failed, 'unhealthy', `${problems} of ${checks.length} checks failed`);
  });
}
