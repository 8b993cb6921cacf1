import { runLauncher } from './launcher/run.ts';
import { servicePlans } from './launcher/service-plan.ts';
import { listenForStop } from './launcher/stop-signals.ts';

using signals = listenForStop();
process.exitCode = await runLauncher(servicePlans, signals);
