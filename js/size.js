/**
 * Prints the size of what anywidget sends with every widget, and of what each page fetches once, and
 * fails when one of them is too much. The limits are those of docs/benchmarks.md.
 */

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMITS = [
  { what: "with every widget", names: ["widget.js", "widget.css"], raw: 12_000, gzip: 4500 },
  {
    what: "with JupyterLab, the top bar",
    names: ["../../js/labextensions/auth0-widget/static/remote_entry.js"],
    raw: 37_000,
    gzip: 13_700,
  },
  { what: "once per page", names: ["page.js"], raw: 26_500, gzip: 10_500 },
];

for (const limit of LIMITS) {
  const files = limit.names.map((name) =>
    readFileSync(new URL(`../auth0_widget/static/${name}`, import.meta.url)),
  );
  const raw = files.reduce((sum, file) => sum + file.length, 0);
  const gzip = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
  console.log(
    `${limit.what} (${limit.names.join(" + ")}): ${raw} bytes raw (limit ${limit.raw}), ` +
      `${gzip} bytes gzip (limit ${limit.gzip})`,
  );
  if (raw > limit.raw || gzip > limit.gzip) {
    console.error("That is too large.");
    process.exitCode = 1;
  }
}
