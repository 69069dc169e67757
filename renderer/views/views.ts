/** Each view's component and icon. */
import Boxes from '@lucide/svelte/icons/boxes';
import FlaskConical from '@lucide/svelte/icons/flask-conical';
import FolderOpen from '@lucide/svelte/icons/folder-open';
import GraduationCap from '@lucide/svelte/icons/graduation-cap';
import Grid2x2 from '@lucide/svelte/icons/grid-2x2';
import Images from '@lucide/svelte/icons/images';
import Microscope from '@lucide/svelte/icons/microscope';
import LayoutGrid from '@lucide/svelte/icons/layout-grid';
import Activity from '@lucide/svelte/icons/activity';
import Settings2 from '@lucide/svelte/icons/settings-2';
import type { Component } from 'svelte';
import Data from './Data.svelte';
import Experiments from './Experiments.svelte';
import Gallery from './Gallery.svelte';
import Lab2d from './Lab2d.svelte';
import Library from './Library.svelte';
import Projects from './Projects.svelte';
import Recipe from './Recipe.svelte';
import Settings from './Settings.svelte';
import Teacher from './Teacher.svelte';
import Train from './Train.svelte';
import type { ViewId } from './viewIds.ts';

export interface View {
  readonly component: Component;
  readonly icon: typeof Boxes;
}

export const views: Readonly<Record<ViewId, View>> = {
  projects: { component: Projects, icon: LayoutGrid },
  data: { component: Data, icon: FolderOpen },
  teacher: { component: Teacher, icon: GraduationCap },
  recipe: { component: Recipe, icon: FlaskConical },
  train: { component: Train, icon: Activity },
  gallery: { component: Gallery, icon: Images },
  library: { component: Library, icon: Boxes },
  experiments: { component: Experiments, icon: Microscope },
  lab2d: { component: Lab2d, icon: Grid2x2 },
  settings: { component: Settings, icon: Settings2 },
};
