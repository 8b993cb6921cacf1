import nx from '@nx/eslint-plugin';
import vitest from '@vitest/eslint-plugin';
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

const from = (sourceTag, ...onlyDependOnLibsWithTags) => ({ sourceTag, onlyDependOnLibsWithTags });

/** Who may import whom: the table of docs/architecture.md. A project without one of these tags fails lint. */
const layers = [
  from('layer:prelude'),
  from('layer:notation', 'layer:prelude'),
  from('layer:protocol', 'layer:prelude', 'layer:notation'),
  from('layer:protocol-on-cpim', 'layer:prelude', 'layer:notation', 'lib:cpim'),
  from('layer:stack', 'layer:prelude', 'layer:notation', 'layer:protocol', 'layer:protocol-on-cpim'),
  from('layer:client', 'layer:prelude', 'layer:notation', 'layer:protocol', 'layer:protocol-on-cpim', 'layer:stack'),
  from('layer:contract', 'layer:prelude'),
  from('layer:platform', 'layer:prelude'),
  from('layer:bus', 'layer:prelude', 'layer:contract', 'layer:platform'),
  from(
    'layer:app',
    'layer:prelude',
    'layer:notation',
    'layer:protocol',
    'layer:protocol-on-cpim',
    'layer:stack',
    'layer:client',
    'layer:contract',
    'layer:platform',
    'layer:bus',
  ),
  from('layer:testing', '*'),
];

const boundaries = (depConstraints, more = {}) => [
  'error',
  { enforceBuildableLibDependency: false, allow: [], depConstraints, ...more },
];

export default tseslint.config(
  { ignores: ['**/node_modules/**', '.nx/**', '.parley/**', '**/generated/**', '**/dist/**', '**/coverage/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { '@nx': nx, jsdoc },
    languageOptions: {
      parserOptions: {
        project: '.config/tsconfig.lint.json',
        tsconfigRootDir: new URL('..', import.meta.url).pathname,
      },
    },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(layers),
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-empty-function': 'off',
      'jsdoc/informative-docs': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: [
      'libs/{prelude,mime,xml,sip,sdp,msrp,cpim,imdn,iscomposing,conference-info,resource-lists,precis}/src/**/*.ts',
    ],
    rules: {
      'no-restricted-globals': ['error', 'Date'],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Take a Random as a parameter.' },
      ],
    },
  },
  {
    files: ['**/tests/**/*.ts', 'test/**/*.ts', '**/bench/**/*.ts'],
    plugins: { vitest },
    rules: {
      'vitest/no-focused-tests': 'error',
      'vitest/no-disabled-tests': 'error',
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@nx/enforce-module-boundaries': boundaries([from('*', '*')], {
        ignoredCircularDependencies: [['testing', '*']],
      }),
    },
  },
  { files: ['.config/**/*.ts', 'test/*.config.ts'], rules: { 'no-restricted-exports': 'off' } },
);
