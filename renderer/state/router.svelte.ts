/** Which view is shown, kept in the address behind `#/`, so that a reload comes back to it. */
import { viewIds, type ViewId } from '../views/viewIds.ts';

export class Router {
  view = $state<ViewId>('projects');
  /** What follows the view, e.g. a run's id. */
  rest = $state<readonly string[]>([]);

  constructor() {
    this.read();
    window.addEventListener('hashchange', () => this.read());
  }

  go(view: ViewId, ...rest: readonly string[]): void {
    window.location.hash = `/${[view, ...rest].join('/')}`;
  }

  private read(): void {
    const [view, ...rest] = window.location.hash.replace(/^#\//, '').split('/').map(decodeURIComponent);
    this.view = viewIds.find((id) => id === view) ?? 'projects';
    this.rest = rest.filter((part) => part !== '');
  }
}
