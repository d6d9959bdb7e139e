/** Which page this is, so that what the kernel sends to one browser is not taken by another. */

const KEY = "auth0-widget:page";

function randomId(): string {
  // Not randomUUID: it is missing on plain-http remote hosts, where Jupyter is often served.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `p-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The id of this page: the same after a refresh, unless the browser keeps nothing for us. */
export function pageId(): string {
  try {
    const kept = sessionStorage.getItem(KEY);
    if (kept !== null && /^p-[0-9a-f]{32}$/.test(kept)) return kept;
    const fresh = randomId();
    sessionStorage.setItem(KEY, fresh);
    return fresh;
  } catch {
    return randomId();
  }
}
