export const gallery = {
  empty: 'Nothing to compare yet',
  emptyHelp: 'Students, teacher and checkpoints meet here, picture by picture, from the same noise.',
};
