export const teacher = {
  empty: 'Choose a teacher',
  emptyHelp: 'Take the one that comes with Stillroom or train your own, and sample it before anything else.',
};
