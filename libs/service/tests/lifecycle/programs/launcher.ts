// A launcher that starts the service next to it, says so, and waits to be killed.
import { fork } from 'node:child_process';

const service = fork(new URL('edge.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
service.on('message', () => process.stdout.write(`ready ${service.pid ?? 0}\n`));
