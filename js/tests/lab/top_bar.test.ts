import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mountTopBar } from "../../src/lab/top_bar";
import type { Page, Snapshot } from "../../src/page";
import { ADA, snapshot } from "../kernel";

let life: AbortController;
let shown: Snapshot;
let changed: () => void;
let page: Page;

beforeEach(() => {
  life = new AbortController();
  shown = snapshot({ status: "logged_out" }, { peer: "server" });
  page = {
    snapshot: () => shown,
    subscribe: (listener: () => void) => {
      const before = changed;
      changed = () => {
        before();
        listener();
      };
    },
    openWindow: vi.fn(),
    logout: vi.fn(),
  } as unknown as Page;
  changed = () => {};
});

afterEach(() => {
  life.abort();
  expect(document.body.innerHTML).toBe("");
});

function mount() {
  const bar = mountTopBar(document.body, page, life.signal);
  const button = (name: string) =>
    [...document.querySelectorAll("button")].find((each) => each.textContent === name) as
      | HTMLButtonElement
      | undefined;
  return { bar, button };
}

function logIn(): void {
  const end = Date.now() / 1000 + 2 * 3600 + 60;
  const card = { ...ADA, access_token_expires_at: end };
  shown = snapshot({ status: "authenticated", card }, { peer: "server" });
  changed();
}

describe("the top bar", () => {
  it("offers to log in, and no session, where nobody is logged in", () => {
    const { button } = mount();
    button("Log in")?.click();
    expect(page.openWindow).toHaveBeenCalledOnce();
    expect(button("Show session")?.hidden).toBe(true);
  });

  it("shows who is logged in and for how long", () => {
    mount();
    logIn();
    const text = document.querySelector(".a0w-top-bar")?.textContent;
    expect(text).toContain(ADA.name);
    expect(document.querySelector(".a0w-left")?.textContent).toMatch(/^2.h/);
  });

  it("shows the whole card when it is asked for, and hides it again", () => {
    const { button } = mount();
    logIn();
    button("Show session")?.click();
    const panel = document.querySelector(".a0w-session-panel");
    expect(panel?.textContent).toContain(ADA.email);
    expect(button("Show session")?.getAttribute("aria-expanded")).toBe("true");
    panel?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(document.querySelector(".a0w-session-panel")).toBeNull();
    expect(document.activeElement).toBe(button("Show session"));
  });

  it("takes the card away with the session", () => {
    const { bar } = mount();
    logIn();
    bar.toggleSession();
    shown = snapshot({ status: "logged_out" }, { peer: "server" });
    changed();
    expect(document.querySelector(".a0w-session-panel")).toBeNull();
  });

  it("says what is not connected, if it is the server", () => {
    shown = snapshot(null, { peer: "server", kernelSilent: true, pending: "hello" });
    mount();
    expect(document.body.textContent).toContain("Not connected to the Jupyter Server.");
    expect(document.body.textContent).not.toContain("cell");
  });
});
