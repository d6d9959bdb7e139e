/** Which page this is, so that what the kernel sends to one browser is not taken by another. */

const KEY = "auth0-widget:page";

function randomId(): string {
  // Not randomUUID: it is missing on plain-http remote hosts, where Jupyter is often served.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `p-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The id that this page had before a refresh, or a new one; never one that another page has. */
function claimId(): string {
  const newId = randomId();
  try {
    const left = sessionStorage.getItem(KEY) ?? "";
    const id = /^p-[0-9a-f]{32}$/.test(left) ? left : newId;
    // A duplicated tab begins with a copy of the storage, and two pages of one id would answer for
    // each other. So the id lies there only from the end of one page to the beginning of the next.
    const clear = () => sessionStorage.removeItem(KEY);
    clear();
    addEventListener("pagehide", () => sessionStorage.setItem(KEY, id));
    addEventListener("pageshow", clear); // Back may bring the page as it was, and not a new one
    return id;
  } catch {
    return newId;
  }
}

/** The id of this page: the same after a refresh, unless the browser stores nothing for us. */
export function pageId(): string {
  // Every widget is a module of its own; what is one for all of them is kept at the window.
  const page: { [KEY]?: string } = window as object;
  page[KEY] ??= claimId();
  return page[KEY];
}
