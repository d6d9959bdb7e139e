import { afterEach, beforeEach, expect, it, vi } from "vitest";

const KEY = "auth0-widget:page";
const FORM = /^p-[0-9a-f]{32}$/;

let listeners: AbortController;

beforeEach(() => {
  sessionStorage.clear();
  listeners = new AbortController();
  // The listeners live as long as their document; here, as long as their test.
  const add = window.addEventListener.bind(window);
  vi.spyOn(window, "addEventListener").mockImplementation(
    (type: string, listener: EventListenerOrEventListenerObject) =>
      add(type, listener, { signal: listeners.signal }),
  );
  begin();
});

afterEach(() => listeners.abort());

/** A document begins: what hung on the window before is gone. */
function begin(): void {
  Reflect.deleteProperty(window, KEY);
}

/** A widget is shown: each loads the module anew. */
async function pageId(): Promise<string> {
  vi.resetModules();
  return (await import("../src/page_id")).pageId();
}

function refresh(): void {
  window.dispatchEvent(new Event("pagehide"));
  listeners.abort();
  listeners = new AbortController();
  begin();
}

it("is random and long enough not to be guessed", async () => {
  const first = await pageId();
  begin();
  expect(first).toMatch(FORM);
  expect(await pageId()).not.toBe(first);
});

it("is one for all the widgets of a page", async () => {
  expect(await pageId()).toBe(await pageId());
});

it("stays the same after a refresh, and after another", async () => {
  const first = await pageId();
  refresh();
  expect(await pageId()).toBe(first);
  refresh();
  expect(await pageId()).toBe(first);
});

it("is another in a duplicate of the tab, which begins with a copy of the storage", async () => {
  const first = await pageId();
  begin();
  const duplicate = await pageId();
  expect(duplicate).toMatch(FORM);
  expect(duplicate).not.toBe(first);
});

it("is not there to be copied after a refresh or after Back either", async () => {
  await pageId();
  refresh();
  await pageId();
  expect(sessionStorage.getItem(KEY)).toBeNull();
  window.dispatchEvent(new Event("pagehide"));
  window.dispatchEvent(new Event("pageshow"));
  expect(sessionStorage.getItem(KEY)).toBeNull();
});

it("is made anew when what is kept is not one of ours", async () => {
  sessionStorage.setItem(KEY, "p-<script>");
  expect(await pageId()).toMatch(FORM);
});

it("works where storage is denied", async () => {
  vi.spyOn(window, "sessionStorage", "get").mockImplementation(() => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  });
  expect(await pageId()).toMatch(FORM);
});
