/** What no page may do, whatever it shows: leave, open windows, get permissions, reach the network. */
import { app, session, shell, type WebContents } from 'electron';
import { appOrigin, appPage } from './scheme.ts';

/** The only pages that may be opened in the person's browser, by their exact address. */
export const outsidePages: ReadonlySet<string> = new Set(['https://arxiv.org/abs/2511.22677']);

/** What a page may load besides the app's own scheme: things made by itself, and the developer's tools. */
const ownSchemes = ['blob:', 'data:', 'devtools:'];

/** Before the first window. */
export function guardEveryPage(): void {
  app.on('web-contents-created', (_event, contents) => guard(contents));
}

/** Once the app is ready. */
export function denyPermissions(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !url.startsWith(appPage) && !ownSchemes.some((scheme) => url.startsWith(scheme)) }),
  );
}

export function openOutside(url: string): void {
  if (outsidePages.has(url)) void shell.openExternal(url);
}

function guard(contents: WebContents): void {
  contents.on('will-navigate', (details) => {
    // A reload, with the view in the address's fragment, is no leaving.
    if (details.url.split('#')[0] !== appPage) details.preventDefault();
  });
  contents.on('will-redirect', (details) => details.preventDefault());
  contents.on('will-frame-navigate', (details) => {
    if (!details.isMainFrame || !details.url.startsWith(`${appOrigin}/`)) details.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
}
