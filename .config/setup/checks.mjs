import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The static checks, as lines that may run side by side; each names the command that repeats it by hand. */
export function checks(root) {
  return [
    [
      check(
        'prettier',
        'prettier',
        '--config',
        '.config/prettier.json',
        '--ignore-path',
        '.config/prettierignore',
        '--check',
        '.',
      ),
      check('eslint', 'eslint', '--config', '.config/eslint.config.mjs', '.'),
    ],
    [
      ...(hasTarget(root, 'libs/contracts', 'check')
        ? [check('generated code is fresh', 'nx', 'run', 'contracts:check')]
        : []),
      check('typecheck', 'nx', 'run-many', '-t', 'typecheck', '--parallel=2'),
      check('typecheck of test/', 'tsc', '-p', 'test/tsconfig.json'),
    ],
  ];
}

const check = (name, command, ...args) => ({ name, command, args });

function hasTarget(root, project, target) {
  const { nx } = JSON.parse(readFileSync(join(root, project, 'package.json'), 'utf8'));
  return nx?.targets?.[target] !== undefined;
}
