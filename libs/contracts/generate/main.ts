import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { packageOf } from './emit-message.ts';
import { emitPackage, fileOf, wireDeclarations } from './emit-package.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const protoRoot = join(project, 'proto');
const target = join(project, 'src', 'generated');

function protoFiles(): string[] {
  const names = readdirSync(join(protoRoot, 'parley')).filter((name) => name.endsWith('.proto'));
  return names.sort().map((name) => join(protoRoot, 'parley', name));
}

function loadMessages(): protobuf.Type[] {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, path) => resolve(protoRoot, path);
  root.loadSync(protoFiles(), { alternateCommentMode: true });
  root.resolveAll();
  const messages: protobuf.Type[] = [];
  const visit = (space: protobuf.NamespaceBase): void => {
    for (const child of space.nestedArray) {
      if (child instanceof protobuf.Type) messages.push(child);
      if (child instanceof protobuf.Enum) throw new Error(`${child.fullName}: enums are not used in contracts yet`);
      if (child instanceof protobuf.Namespace) visit(child);
    }
  };
  visit(root);
  return messages;
}

function writeWire(folder: string): void {
  const pbjs = join(createRequire(import.meta.url).resolve('protobufjs-cli/package.json'), '..', 'bin', 'pbjs');
  const lean = ['create', 'verify', 'convert', 'delimited', 'typeurl', 'service', 'comments'].map(
    (part) => `--no-${part}`,
  );
  const shape = ['-t', 'static-module', '-w', 'esm', '--force-number', '--dependency', 'protobufjs/minimal.js'];
  const paths = ['-p', protoRoot, '-o', join(folder, 'wire.js'), ...protoFiles()];
  execFileSync(process.execPath, [pbjs, ...shape, '-r', 'parley', ...lean, ...paths]);
  writeFileSync(join(folder, 'wire.d.ts'), wireDeclarations);
}

/** Writes everything generated into an existing, empty folder. */
function generate(folder: string): void {
  writeWire(folder);
  const messages = loadMessages();
  for (const pkg of new Set(messages.map(packageOf))) {
    const ofPackage = messages.filter((message) => packageOf(message) === pkg);
    writeFileSync(join(folder, fileOf(pkg)), emitPackage(pkg, ofPackage));
  }
}

function staleFiles(fresh: string): string[] {
  const read = (folder: string, name: string): string => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      return '';
    }
  };
  const names = new Set([...readdirSync(fresh), ...readdirSync(target)]);
  return [...names].filter((name) => read(fresh, name) !== read(target, name));
}

function check(): void {
  const fresh = mkdtempSync(join(tmpdir(), 'parley-contracts-'));
  try {
    generate(fresh);
    const stale = staleFiles(fresh);
    if (stale.length === 0) return;
    process.stderr.write(`stale: ${stale.join(', ')}; run: npx nx run contracts:generate\n`);
    process.exitCode = 1;
  } finally {
    rmSync(fresh, { recursive: true });
  }
}

if (process.argv.includes('--check')) {
  mkdirSync(target, { recursive: true });
  check();
} else {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  generate(target);
}
