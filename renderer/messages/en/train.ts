export const train = {
  empty: 'Nothing is training',
  emptyHelp: 'Start a run from a recipe and watch why it works.',
};
