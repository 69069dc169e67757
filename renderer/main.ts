import { mount } from 'svelte';
import App from './App.svelte';
import { Studio } from './state/studio.svelte.ts';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (!target) throw new Error('The page has no #app.');
const studio = new Studio();
mount(App, { target, props: { studio } });
studio.start().catch((error: unknown) => studio.toasts.error(error));
