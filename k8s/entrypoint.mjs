// Starts the service that the first argument names; what follows is the service's own.
const services = ['edge', 'focus', 'msrp-switch', 'nickname', 'notification', 'console'];
const usage = `usage: docker run parley SERVICE, where SERVICE is one of ${services.join(', ')}, or parley for the command line\n`;

const [name, ...args] = process.argv.slice(2);
const entry = name === 'parley' ? './apps/parley/bin/parley.mjs' : `./apps/${name}/src/main.ts`;

if (name === undefined || name === '--help') {
  process.stdout.write(usage);
} else if (name !== 'parley' && !services.includes(name)) {
  process.stderr.write(`there is no service ${name}\n${usage}`);
  process.exitCode = 1;
} else {
  process.argv.splice(1, process.argv.length, new URL(entry, import.meta.url).pathname, ...args);
  await import(entry);
}
