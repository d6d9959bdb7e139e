/**
 * Recognizes front ends by name, where no test is possible.
 *
 * VS Code: the frame of a notebook's outputs has no `allow-popups`, so `window.open` returns null. A
 * page could find this out only in a click. VS Code handles clicks on links, and opens them in the
 * browser. Read on 2026-11-29 in microsoft/vscode at 03ed752 (pre/index.html of its webviews), not
 * run.
 */

/** VS Code on the desktop, and in a browser, as on vscode.dev and in Codespaces. */
const VS_CODE = /^(vscode-webview:|https:\/\/[^/]+\.vscode-cdn\.net$)/;

/** Whether a page of this origin is in VS Code, which opens links but no windows. */
export function isVsCode(origin: string): boolean {
  return VS_CODE.test(origin);
}
