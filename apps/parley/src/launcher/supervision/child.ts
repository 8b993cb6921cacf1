import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { KnownPorts } from '../ports.ts';
import { readyPorts } from './ready-message.ts';

/** How a process is started: a script for the Node that runs us, its arguments and its whole environment. */
export interface ChildCommand {
  readonly script: string;
  /** Options of Node itself. */
  readonly runtime?: readonly string[];
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a process tells its supervisor; `onExit` comes once, after everything else. */
export interface ChildEvents {
  onReady(ports: KnownPorts): void;
  /** Anything else that the process sends. */
  onMessage(message: unknown): void;
  onExit(how: string): void;
}

/** A process that is running. */
export interface Child {
  readonly pid: number | undefined;
  send(message: object): void;
  terminate(): void;
  kill(): void;
}

/**
 * Starts one process in a session of its own, so that Ctrl-C in a terminal reaches the launcher alone and the
 * order of draining is kept. Both its outputs go to our standard error: what the launcher prints stays readable.
 */
export function startChild(command: ChildCommand, events: ChildEvents): Child {
  const child = spawn(process.execPath, [...(command.runtime ?? []), command.script, ...command.args], {
    detached: true,
    env: command.environment,
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  child.on('message', (message) => {
    const ports = readyPorts(message);
    if (ports === undefined) events.onMessage(message);
    else events.onReady(ports);
  });
  reportEnd(child, events);
  return {
    pid: child.pid,
    // A process that has just gone is told of by its exit, not by the failure to write to it.
    send: (message) => child.connected && child.send(message, () => {}),
    terminate: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}

function reportEnd(child: ChildProcess, events: ChildEvents): void {
  child.once('error', (error) => {
    if (child.pid === undefined) events.onExit(error.message);
  });
  child.once('exit', (code, signal) => {
    events.onExit(signal ?? `exit code ${String(code)}`);
  });
}
