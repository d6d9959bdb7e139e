/**
 * Builds the front end into auth0_widget/static: `widget.js` and `widget.css`, which anywidget sends
 * with every widget, and `page.js`, which the first of a page's widgets has the kernel send. And into
 * labextensions: the top bar, as JupyterLab and Notebook 7 load prebuilt extensions.
 */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

/** Both scripts, told which build they are of. */
function bundle(BUILD, options) {
  return build({
    entryPoints: { widget: "src/loader.ts", page: "src/index.ts" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    logLevel: "warning",
    outdir: "../auth0_widget/static",
    define: { BUILD: JSON.stringify(BUILD) },
    ...options,
  });
}

// Named after what is in it, so that two versions of the package get along on one page.
const digest = createHash("sha256");
for (const { contents } of (await bundle("", { write: false })).outputFiles)
  digest.update(contents);
await bundle(digest.digest("hex").slice(0, 16));
await bundle("", { entryPoints: { widget: "src/style.css" } });

const TOP_BAR = "labextensions/auth0-widget";
// The style sheet imports another; its text is needed whole.
const style = await bundle("", {
  entryPoints: ["src/lab/style.css"],
  outdir: undefined,
  write: false,
});
await bundle("", {
  entryPoints: { remote_entry: "src/lab/remote_entry.ts" },
  format: "iife",
  outdir: `${TOP_BAR}/static`,
  define: { STYLE: JSON.stringify(style.outputFiles[0].text) },
});
const [, version] = /^version = "(.+)"$/m.exec(readFileSync("../pyproject.toml", "utf8"));
const about = {
  name: "auth0-widget",
  version,
  description: "Who is logged in, for all notebooks of a Jupyter Server.",
  license: "BSD-3-Clause",
  jupyterlab: { _build: { load: "static/remote_entry.js", extension: "./extension" } },
};
writeFileSync(`${TOP_BAR}/package.json`, `${JSON.stringify(about, null, 2)}\n`);
