/** 日本語 */
import type { Translation, Words } from './en.ts';
import { data } from './ja/data.ts';
import { experiments } from './ja/experiments.ts';
import { fields } from './ja/fields.ts';
import { gallery } from './ja/gallery.ts';
import { library } from './ja/library.ts';
import { projects } from './ja/projects.ts';
import { recipe } from './ja/recipe.ts';
import { settings } from './ja/settings.ts';
import { lab2d } from './ja/lab2d.ts';
import { shell } from './ja/shell.ts';
import { teacher } from './ja/teacher.ts';
import { train } from './ja/train.ts';

export const ja: Translation<Words> = {
  shell,
  projects,
  data,
  teacher,
  settings,
  train,
  experiments,
  lab2d,
  gallery,
  library,
  recipe,
  fields,
};
