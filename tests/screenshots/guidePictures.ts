/** The pictures that the readme and the guide show, by the photograph that each is made from. */
export const guidePictures = [
  { source: 'projects-light-1280.png', file: 'projects.png' },
  { source: 'data-light-1280.png', file: 'data.png' },
  { source: 'teacher-dark-1280.png', file: 'teacher.png' },
  { source: 'recipe-light-1280.png', file: 'goals.png' },
  { source: 'recipe-expert-dark-1280.png', file: 'noise-ranges.png' },
  { source: 'train-dark-1280.png', file: 'train.png' },
  { source: 'train-verdict-light-1280.png', file: 'verdict.png' },
  { source: 'gallery-light-1280.png', file: 'gallery.png' },
  { source: 'gallery-compare-dark-1280.png', file: 'compare.png' },
  { source: 'gallery-race-light-1280.png', file: 'race.png' },
  { source: 'gallery-play-dark-1280.png', file: 'play.png' },
  { source: 'library-light-1280.png', file: 'library.png' },
  { source: 'lab-dark-1280.png', file: 'lab.png' },
  { source: 'experiment-report-light-1280.png', file: 'experiments.png' },
  { source: 'settings-light-1280.png', file: 'settings.png' },
] as const;
