export const library = {
  empty: 'Nothing kept yet',
  emptyHelp: 'Every teacher, student and fork with where it came from and what it takes on disk.',
};
