export const lab2d = {
  empty: 'See spear and shield',
  emptyHelp: 'A toy of points: how CA pulls and DM holds, live.',
};
