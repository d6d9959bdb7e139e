/** What this page can do: the kernel chooses the way to log in by it. Tested where a test is possible. */

import { isVsCode } from "./front_ends";
import type { Abilities } from "./messages";

/** What this page can do. */
export function abilities(): Abilities {
  // Not `location.origin`: in a sandboxed frame that is the server's, and the page has no part in it.
  const { origin } = window;
  const web = /^https?:/.test(origin);
  return {
    origin: web ? origin : null,
    window: web && !isVsCode(origin),
    // An isolated page (Cross-Origin-Opener-Policy and -Embedder-Policy) is cut off from its windows.
    message: web && !window.crossOriginIsolated,
    link: web || isVsCode(origin) || location.protocol === "file:",
    // An opaque origin ("null", RFC 6454, 6.1) has none of its own: all files share one. Whether the
    // browser denies it is found out when there is a record: nothing is touched before.
    storage: origin !== "null",
  };
}
