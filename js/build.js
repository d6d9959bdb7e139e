/**
 * Builds the front end into auth0_widget/static: `widget.js` and `widget.css`, which anywidget sends
 * with every widget, and `page.js`, which the first of a page's widgets has the kernel send.
 */

import { createHash } from "node:crypto";
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
