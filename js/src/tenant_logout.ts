/** Logout at the tenant: a small window in which it ends its own session. */

const POLL_MS = 200;
/** A tenant that refuses to send the window back shows why; after this long it is closed. */
const LONGEST_MS = 15_000;

/**
 * Opens the tenant's logout and closes the window as soon as it is back at our origin. False when
 * the browser did not let it open, or when it would end anywhere but here.
 *
 * Must be called in the click handler itself: after an `await` it is a popup to be blocked.
 */
export function endTenantSession(url: string, origin: string, signal: AbortSignal): boolean {
  if (new URL(url).searchParams.get("returnTo") !== origin) return false;
  const opened = window.open(url, "_blank", "popup,width=420,height=320");
  if (!opened) return false;

  const started = Date.now();
  const poll = setInterval(() => {
    if (isBack(opened, origin) || Date.now() - started >= LONGEST_MS) close();
  }, POLL_MS);
  function close(): void {
    clearInterval(poll);
    signal.removeEventListener("abort", close);
    opened?.close();
  }
  signal.addEventListener("abort", close);
  return true;
}

function isBack(opened: Window, origin: string): boolean {
  try {
    return opened.closed || opened.location.origin === origin;
  } catch {
    return false; // still at the tenant, whose location is not ours to read
  }
}
