/** The views in the order of the rail; the first six follow the work from pictures to students. */
export const viewIds = [
  'projects',
  'data',
  'teacher',
  'recipe',
  'train',
  'gallery',
  'library',
  'experiments',
  'lab2d',
  'settings',
] as const;
export type ViewId = (typeof viewIds)[number];
