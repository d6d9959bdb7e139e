/** Prints the size of what anywidget sends with every widget, and fails when it is too much. */

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = { raw: 20 * 1024, gzip: 8 * 1024 };
const built = new URL("../auth0_widget/static/", import.meta.url);

const [esm, css] = ["widget.js", "widget.css"].map((name) => readFileSync(new URL(name, built)));
const raw = esm.length + css.length;
const gzip = gzipSync(esm).length + gzipSync(css).length;

console.log(`_esm ${esm.length} + _css ${css.length} = ${raw} bytes raw (limit ${LIMIT.raw})`);
console.log(`${gzip} bytes gzip (limit ${LIMIT.gzip})`);
if (raw > LIMIT.raw || gzip > LIMIT.gzip) {
  console.error("The bundle is too large.");
  process.exitCode = 1;
}
