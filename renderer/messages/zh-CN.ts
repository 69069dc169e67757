/** 简体中文 */
import type { Translation, Words } from './en.ts';
import { data } from './zh-CN/data.ts';
import { experiments } from './zh-CN/experiments.ts';
import { fields } from './zh-CN/fields.ts';
import { gallery } from './zh-CN/gallery.ts';
import { library } from './zh-CN/library.ts';
import { projects } from './zh-CN/projects.ts';
import { recipe } from './zh-CN/recipe.ts';
import { settings } from './zh-CN/settings.ts';
import { lab2d } from './zh-CN/lab2d.ts';
import { shell } from './zh-CN/shell.ts';
import { teacher } from './zh-CN/teacher.ts';
import { train } from './zh-CN/train.ts';

export const zhCN: Translation<Words> = {
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
