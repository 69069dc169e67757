/** Builds the studio's window: files only, loaded relative to wherever the desktop app or the lab serves them. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import path from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: path.join(import.meta.dirname, 'renderer'),
  base: './',
  plugins: [svelte()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome136',
    modulePreload: { polyfill: false },
    // Of what is bundled; installers carry it.
    license: { fileName: 'licences.md' },
  },
});
