/**
 * What JupyterLab loads for a prebuilt extension: a container, as webpack's module federation has
 * them, made by hand. The builder of JupyterLab would add a runtime for what is a single module here.
 */

import { plugin } from "./extension";
import type { ShareScope } from "./jupyterlab";

declare global {
  interface Window {
    _JUPYTERLAB?: Record<string, unknown>;
  }
}

let scope: ShareScope = {};

window._JUPYTERLAB ??= {};
window._JUPYTERLAB["auth0-widget"] = {
  /** Called once, with what the application shares. */
  init(shared: ShareScope): void {
    scope = shared;
  },
  /** Called with the name in package.json; gives the factory of the module. */
  async get(): Promise<() => unknown> {
    const made = await plugin(scope);
    return () => ({ __esModule: true, default: made });
  },
};
