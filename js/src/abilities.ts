/** What this page can do, by which the kernel chooses the way to log in. */

import { isVsCode } from "./front_ends";
import type { Abilities } from "./messages";

/** What this page can do. Tested where a test is possible, otherwise known by the front end's name. */
export function abilities(): Abilities {
  // Not `location.origin`, which in a sandboxed frame is the server's although the frame has none.
  const { origin } = window;
  const web = /^https?:/.test(origin);
  return {
    origin: web ? origin : null,
    window: web && !isVsCode(origin),
    // An isolated page (Cross-Origin-Opener-Policy and -Embedder-Policy) is cut off from its windows.
    message: web && !window.crossOriginIsolated,
    link: web || isVsCode(origin) || location.protocol === "file:",
    // Pages with an opaque origin ("null", RFC 6454, 6.1), such as files, would share one storage.
    // Whether the browser denies storage is tested only when there is a record to store.
    storage: origin !== "null",
  };
}
