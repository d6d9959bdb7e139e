/** The ID of this page, to which the kernel addresses its messages. */

const KEY = "auth0-widget:page";

function randomId(): string {
  // Not randomUUID, which is missing on remote hosts with plain http. Jupyter often runs there.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `p-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The ID that this page had before a refresh, or a new one. No other page has the same ID. */
function claimId(): string {
  const newId = randomId();
  try {
    const stored = sessionStorage.getItem(KEY) ?? "";
    const id = /^p-[0-9a-f]{32}$/.test(stored) ? stored : newId;
    // A duplicated tab starts with a copy of the storage, and two pages must not have the same ID.
    // So the ID is in the storage only from the end of one page to the start of the next.
    const clear = () => sessionStorage.removeItem(KEY);
    clear();
    addEventListener("pagehide", () => sessionStorage.setItem(KEY, id));
    addEventListener("pageshow", clear); // Back may show the same page again
    return id;
  } catch {
    return newId;
  }
}

/** The ID of this page. It is the same after a refresh, unless the browser denies storage. */
export function pageId(): string {
  // Each widget is a module of its own, so what they share is a property of the window.
  const page: { [KEY]?: string } = window as object;
  page[KEY] ??= claimId();
  return page[KEY];
}
