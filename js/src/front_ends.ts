/**
 * What no test finds out about a front end, by its name.
 *
 * VS Code, read on 2026-11-29 in microsoft/vscode at 03ed752 (pre/index.html of its webviews) and
 * not run: the frame of a notebook's outputs has no `allow-popups`, so that `window.open` gives null,
 * which a page could learn from a click only. VS Code takes over clicks on links, and opens them in
 * the browser.
 */

/** On the desktop; and in a browser, as on vscode.dev and in Codespaces. */
const VS_CODE = /^(vscode-webview:|https:\/\/[^/]+\.vscode-cdn\.net$)/;

/** Whether a page of this origin is in VS Code: no windows, but links that open in the browser. */
export function isVsCode(origin: string): boolean {
  return VS_CODE.test(origin);
}
