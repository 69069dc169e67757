/** Everything that a window may ask of the host and be told by it; `electron/bridge` derives both ends from this. */
import { appEvents, appRequests } from './messages/app.ts';
import { dataEvents, dataRequests } from './messages/data.ts';
import { galleryEvents, galleryRequests } from './messages/gallery.ts';
import { lab2dRequests } from './messages/lab2d.ts';
import { libraryEvents, libraryRequests } from './messages/library.ts';
import { projectEvents, projectRequests } from './messages/projects.ts';
import { recipeRequests } from './messages/recipes.ts';
import { runEvents, runRequests } from './messages/runs.ts';
import { settingsEvents, settingsRequests } from './messages/settings.ts';
import { sweepEvents, sweepRequests } from './messages/sweeps.ts';
import { teacherEvents, teacherRequests } from './messages/teachers.ts';

export const studioContract = {
  requests: {
    app: appRequests,
    data: dataRequests,
    gallery: galleryRequests,
    lab2d: lab2dRequests,
    library: libraryRequests,
    projects: projectRequests,
    recipes: recipeRequests,
    runs: runRequests,
    settings: settingsRequests,
    sweeps: sweepRequests,
    teachers: teacherRequests,
  },
  events: {
    app: appEvents,
    data: dataEvents,
    gallery: galleryEvents,
    library: libraryEvents,
    projects: projectEvents,
    runs: runEvents,
    settings: settingsEvents,
    sweeps: sweepEvents,
    teachers: teacherEvents,
  },
} as const;

export type StudioContract = typeof studioContract;
