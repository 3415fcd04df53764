// Typed lint rules. Names come from the glossary: camelCase, except the closed list of paper symbols.
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const PAPER_SYMBOLS =
  '^(W_enc|b_enc|W_dec|b_dec|b_gate|b_mag|r_mag|d_in|d_sae|d_model|d_head|n_ctx|k_aux)$';

export default tseslint.config(
  {
    ignores: [
      'dist',
      'dist-lib',
      'docs-api',
      'node_modules',
      'test-results',
      'playwright-report',
      'public',
      'wasm/*.ts',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'typeLike', format: ['PascalCase'] },
        {
          selector: ['variable', 'parameter'],
          format: ['camelCase', 'PascalCase', 'UPPER_CASE'],
          filter: { regex: PAPER_SYMBOLS, match: false },
          leadingUnderscore: 'allow',
        },
        { selector: 'function', format: ['camelCase', 'PascalCase'] },
      ],
      // There are no enums: `erasableSyntaxOnly` refuses them.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // `!` after an array read is the numeric folders' price for noUncheckedIndexedAccess.
    files: ['src/{core,formats,gpu,cpu,charts,model}/**', 'tests/**', 'bench/**', 'examples/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['src/ui/**/*.{ts,tsx}', 'src/main.tsx'],
    plugins: { 'react-hooks': reactHooks },
    rules: { ...reactHooks.configs.recommended.rules },
  },
  {
    files: ['tests/**', 'bench/**', 'examples/**', '*.config.*', '**/*.mjs', '**/*.cjs'],
    rules: { 'no-console': 'off' },
  },
  { files: ['**/*.{js,mjs,cjs}'], ...tseslint.configs.disableTypeChecked },
  // Their packages are installed only when the bench asks for them.
  {
    files: ['bench/peers/*.js'],
    rules: { '@typescript-eslint/ban-ts-comment': 'off' },
  },
);
