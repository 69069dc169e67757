export const data = {
  empty: 'Choose your pictures',
  emptyHelp:
    'Drop a folder or a zip: captions, classes, sizes and duplicates are checked, and your files are never changed.',
};
