import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What each folder may import besides itself; `docs/architecture.md` draws the same picture. */
const engineLayers: Record<string, string[]> = {
  contract: [],
  tensor: ['contract'],
  model: ['contract', 'tensor'],
  flow: ['contract', 'tensor', 'model'],
  data: ['contract', 'tensor'],
  sampling: ['contract', 'tensor', 'model', 'flow'],
  metrics: ['contract', 'tensor', 'model', 'data'],
  distillation: ['contract', 'tensor', 'model', 'flow', 'sampling'],
  training: ['contract', 'tensor', 'model', 'flow', 'sampling', 'data', 'distillation', 'metrics'],
};

const zones = [
  ...Object.entries(engineLayers).map(([folder, allowed]) => ({
    target: `./engine/${folder}`,
    from: './engine',
    except: [folder, ...allowed].map((name) => `./${name}`),
    message: `engine/${folder} may import only: ${[folder, ...allowed].join(', ')}.`,
  })),
  { target: './engine', from: './electron', message: 'The engine knows nothing of its hosts.' },
  { target: './engine', from: './renderer', message: 'The engine knows nothing of the renderer.' },
  {
    target: './renderer',
    from: './engine',
    except: ['./contract'],
    message: 'The renderer sees only engine/contract.',
  },
  {
    target: './renderer',
    from: './electron',
    except: ['./bridge'],
    message: 'The renderer sees only the bridge of its hosts.',
  },
  {
    target: './renderer/ui',
    from: './renderer',
    except: ['./ui'],
    message: 'renderer/ui imports nothing of ours.',
  },
  {
    target: './electron/bridge',
    from: './electron',
    except: ['./bridge'],
    message: 'The bridge knows no host.',
  },
  {
    target: './electron/bridge',
    from: './engine',
    except: ['./contract'],
    message: 'The bridge sees only engine/contract.',
  },
  ...['tensor', 'model', 'flow', 'sampling', 'metrics', 'distillation'].flatMap((folder) =>
    ['handlers', 'store', 'lab'].map((host) => ({
      target: `./electron/${host}`,
      from: `./engine/${folder}`,
      message: "What computes belongs into the engine's process.",
    })),
  ),
  {
    target: './electron/store',
    from: './engine',
    except: ['./contract', './training/checkpointFolder.ts', './training/fileSystem.ts'],
    message: 'The store sees only engine/contract and how checkpoints lie on disk.',
  },
];

export default defineConfig(
  { ignores: ['node_modules/', 'dist/', 'resources/', 'demo-output/', 'bench-output/'] },
  tseslint.configs.strictTypeChecked,
  svelte.configs.recommended,
  {
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })],
      'import-x/ignore': ['node_modules'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  // Sandboxed preloads are CommonJS.
  { files: ['**/*.cts'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      // Runes declare with `let` what only a binding or the markup changes.
      'prefer-const': 'off',
      'svelte/prefer-const': ['error', { excludedRunes: ['$props'] }],
      // The type checker of .svelte files is svelte-check; here their imports have no types.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
