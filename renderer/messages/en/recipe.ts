export const recipe = {
  empty: 'Choose a goal',
  emptyHelp: 'One step for speed, four for quality; or every setting of the recipe by hand.',
};
