/** Every handler of the studio's contract; a domain that is missing does not compile. */
import type { StudioContract } from '../../engine/contract/messages.ts';
import type { Handlers } from '../bridge/api.ts';
import { appHandlers } from './app.ts';
import type { HostContext } from './context.ts';
import { dataHandlers } from './data.ts';
import { galleryHandlers } from './gallery.ts';
import { lab2dHandlers } from './lab2d.ts';
import { libraryHandlers } from './library.ts';
import { projectHandlers } from './projects.ts';
import { recipeHandlers } from './recipes.ts';
import { runHandlers } from './runs.ts';
import { settingsHandlers } from './settings.ts';
import { sweepHandlers } from './sweeps.ts';
import { teacherHandlers } from './teachers.ts';

export function studioHandlers(context: HostContext): Handlers<StudioContract['requests']> {
  return {
    app: appHandlers(context),
    data: dataHandlers(context),
    gallery: galleryHandlers(context),
    lab2d: lab2dHandlers(context),
    library: libraryHandlers(context),
    projects: projectHandlers(context),
    recipes: recipeHandlers(context),
    runs: runHandlers(context),
    settings: settingsHandlers(context),
    sweeps: sweepHandlers(context),
    teachers: teacherHandlers(context),
  };
}
