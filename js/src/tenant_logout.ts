/** The logout at the tenant, which ends its own session in a small window. */

const POLL_MS = 200;
/** If the tenant does not redirect back, it shows an error. The window is closed after this time. */
const LONGEST_MS = 15_000;

/**
 * Opens the logout URL of the tenant in a window, and closes it when it is back at our origin. False
 * when the browser blocked the window, or when the URL would redirect to another origin.
 *
 * Call it in the click handler itself: after an `await`, the browser would block the window.
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
    return false; // still at the tenant, whose location this page cannot read
  }
}
