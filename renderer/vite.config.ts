/** Builds the studio's window: files only, loaded relative to wherever the desktop app or the lab serves them. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [svelte()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome136',
    modulePreload: { polyfill: false },
  },
});
