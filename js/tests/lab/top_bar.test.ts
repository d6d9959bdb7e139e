import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mountTopBar } from "../../src/lab/top_bar";
import type { Page, Snapshot } from "../../src/page";
import { ADA, BLOCKED, CODE, snapshot } from "../kernel";

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
    useCode: vi.fn(),
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
    expect(document.querySelector<HTMLElement>(".a0w-show")?.hidden).toBe(true);
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

  it("opens the card by itself for an error and for a code, once, and not over what is typed", () => {
    const { button } = mount();
    const elsewhere = document.createElement("input");
    document.body.append(elsewhere);
    elsewhere.focus();
    for (const change of [
      { status: "error", problem: BLOCKED } as const,
      { status: "logging_in", device: CODE } as const,
    ]) {
      shown = snapshot(change, { peer: "server" });
      changed();
      const panel = () => document.querySelector(".a0w-session-panel");
      expect(panel()?.textContent).toContain(
        "problem" in change ? BLOCKED.next_step : CODE.user_code,
      );
      expect(document.activeElement).toBe(elsewhere);
      button("Show details")?.click();
      expect(panel()).toBeNull();
      changed();
      expect(panel()).toBeNull();
      shown = snapshot({ status: "logged_out" }, { peer: "server" });
      changed();
      expect(button("Show details")?.hidden).toBe(true);
    }
    elsewhere.remove();
  });

  it("says that a renewal is delayed, and opens nothing for it", () => {
    mount();
    logIn();
    shown = { ...shown, kernel: { ...shown.kernel, problem: BLOCKED } as Snapshot["kernel"] };
    changed();
    expect(document.querySelector(".a0w-left")?.textContent).toMatch(/^2.h.*, renewal delayed$/);
    expect(document.querySelector(".a0w-session-panel")).toBeNull();
  });

  it("shows the whole of a long sentence in the card", () => {
    const { button } = mount();
    shown = snapshot({ status: "logging_in" }, { peer: "server", popup: "open" });
    changed();
    expect(document.querySelector(".a0w-session-panel")).toBeNull();
    button("Show details")?.click();
    expect(document.querySelector(".a0w-session-panel")?.textContent).toContain("Finish the login");
  });

  it("clicks Log in for the palette, whatever it does", () => {
    const { bar } = mount();
    bar.logIn();
    expect(page.openWindow).toHaveBeenCalledOnce();
    shown = snapshot({ status: "logged_out" }, { peer: "server", way: "code" });
    changed();
    bar.logIn();
    expect(page.useCode).toHaveBeenCalledOnce();
  });

  it("says what is not connected, if it is the server", () => {
    shown = snapshot(null, { peer: "server", kernelSilent: true, pending: "hello" });
    mount();
    expect(document.body.textContent).toContain("Not connected to the Jupyter Server.");
    expect(document.body.textContent).not.toContain("cell");
  });
});
