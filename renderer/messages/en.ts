/** English: complete, and the form that every other language follows. One file a view. */
import { data } from './en/data.ts';
import { experiments } from './en/experiments.ts';
import { fields } from './en/fields.ts';
import { gallery } from './en/gallery.ts';
import { lab2d } from './en/lab2d.ts';
import { library } from './en/library.ts';
import { projects } from './en/projects.ts';
import { recipe } from './en/recipe.ts';
import { settings } from './en/settings.ts';
import { shell } from './en/shell.ts';
import { teacher } from './en/teacher.ts';
import { train } from './en/train.ts';

export const en = {
  shell,
  projects,
  data,
  teacher,
  recipe,
  fields,
  train,
  gallery,
  library,
  experiments,
  lab2d,
  settings,
};

export type Words = typeof en;

/** A language may leave words out; English stands in for them. */
export type Translation<T> = {
  [Name in keyof T]?: T[Name] extends (...values: never[]) => string
    ? T[Name]
    : T[Name] extends string
      ? string
      : Translation<T[Name]>;
};
