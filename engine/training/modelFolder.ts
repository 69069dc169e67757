/** Where models lie: those that come with Stillroom by name, others by folder. */
import path from 'node:path';

const teachersFolder = path.resolve(import.meta.dirname, '../../resources/teachers');
export const bundledTeachers = ['emoji', 'toy'] as const;

/** The folder of a bundled teacher's name, or the given folder. */
export function modelFolder(nameOrFolder: string): string {
  const bundled = bundledTeachers.find((name) => name === nameOrFolder);
  return bundled ? path.join(teachersFolder, bundled) : path.resolve(nameOrFolder);
}

/** The weights file's own metadata say here what `model.json` says. */
export const MODEL_METADATA = 'stillroom';
