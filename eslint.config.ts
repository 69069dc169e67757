import { createNodeResolver, importX } from 'eslint-plugin-import-x';
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
    target: './electron/store',
    from: './engine',
    except: ['./contract', './training/checkpointFolder.ts', './training/fileSystem.ts'],
    message: 'The store sees only engine/contract and how checkpoints lie on disk.',
  },
];

export default defineConfig(
  { ignores: ['node_modules/', 'resources/', 'demo-output/', 'bench-output/'] },
  tseslint.configs.strictTypeChecked,
  {
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': 'error',
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
);
