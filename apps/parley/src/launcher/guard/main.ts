import { runGuard } from './guard.ts';
import { readTask } from './task.ts';

// A session of its own keeps Ctrl-C away; this keeps away who sends it by hand, since the launcher says when to end.
process.on('SIGINT', () => {});
process.exitCode = await runGuard(readTask(process.env));
if (process.connected) process.disconnect();
