/**
 * The entry point that JupyterLab loads for a prebuilt extension: a container of webpack's module
 * federation, written by hand. JupyterLab's builder would add a runtime to this single module.
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
  /** Called once, with the packages that the application shares. */
  init(shared: ShareScope): void {
    scope = shared;
  },
  /** Called with the name in package.json. Returns the factory of the module. */
  async get(): Promise<() => unknown> {
    const made = await plugin(scope);
    return () => ({ __esModule: true, default: made });
  },
};
