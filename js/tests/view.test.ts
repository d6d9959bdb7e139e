import { describe, expect, it } from "vitest";
import type { State } from "../src/messages";
import type { Snapshot } from "../src/page";
import { viewOf } from "../src/view";
import { ADA, BLOCKED, state } from "./kernel";

const SILENT = "Waiting for the kernel. If this stays, run this cell.";

function view(kernel: Partial<State> | null, change: Partial<Snapshot> = {}) {
  return viewOf({
    kernel: kernel && state(kernel),
    pending: null,
    silent: false,
    popup: false,
    canLogin: true,
    unsaved: null,
    ...change,
  });
}

describe("before the kernel has spoken", () => {
  it("offers nothing", () => {
    expect(view(null, { pending: "hello", canLogin: false })).toMatchObject({
      status: "Connecting to the kernel…",
      login: "none",
      logout: "none",
    });
  });

  it("says what to do when it stays silent, with no dead button", () => {
    expect(view(null, { pending: "hello", silent: true, canLogin: false })).toMatchObject({
      status: SILENT,
      login: "none",
      logout: "none",
    });
  });
});

describe("without a session", () => {
  it("offers Log in", () => {
    expect(view({})).toMatchObject({ status: "You are not logged in.", login: "ready" });
  });

  it("says that a cell is waiting", () => {
    expect(view({ waiting: true }).status).toBe(
      "You are not logged in. A cell is waiting for you to log in.",
    );
  });

  it("keeps Log in busy until a fresh URL is here, and drops it when none comes", () => {
    const change = { pending: "hello", canLogin: false } as const;
    expect(view({}, change).login).toBe("busy");
    expect(view({ problem: BLOCKED }, { ...change, silent: true })).toMatchObject({
      status: SILENT,
      login: "none",
      problem: BLOCKED,
    });
  });

  it("says that the session has ended, and whose it was stays out of the page", () => {
    expect(view({ status: "expired", card: ADA })).toMatchObject({
      status: "Your session has ended.",
      login: "ready",
      logout: "none",
      card: null,
    });
  });

  it("shows what went wrong and lets try again", () => {
    expect(view({ status: "error", problem: BLOCKED })).toMatchObject({
      problem: BLOCKED,
      login: "ready",
    });
  });

  it("leaves no dead end when the login was begun elsewhere", () => {
    expect(view({ status: "logging_in" })).toMatchObject({
      status: "A login has been started in another window.",
      login: "ready",
    });
  });
});

describe("while logging in", () => {
  it("says what to do, and hides an older problem", () => {
    expect(view({ status: "logging_in", problem: BLOCKED }, { popup: true })).toMatchObject({
      status: "Finish logging in in the window that just opened.",
      popup: true,
      login: "none",
      problem: null,
    });
  });

  it("says that the answer is being checked", () => {
    const change = { pending: "answer", canLogin: false } as const;
    expect(view({ status: "logging_in" }, change)).toMatchObject({
      status: "Checking the login…",
      login: "busy",
    });
    expect(view({ status: "logging_in" }, { ...change, silent: true })).toMatchObject({
      status: SILENT,
      login: "none",
    });
  });
});

describe("with a session", () => {
  it("shows the card and offers Log out only", () => {
    expect(view({ status: "authenticated", card: ADA })).toMatchObject({
      status: "You are logged in.",
      card: ADA,
      login: "none",
      logout: "ready",
      note: "",
    });
  });

  it("does not say that a cell is waiting when it no longer is", () => {
    expect(view({ status: "authenticated", card: ADA, waiting: true }).status).toBe(
      "You are logged in.",
    );
  });

  it("offers both when another page opened it", () => {
    expect(view({ status: "authenticated", card: null })).toMatchObject({
      status: "A session is active in this kernel, opened from another page.",
      card: null,
      login: "ready",
      logout: "ready",
    });
  });

  it.each(["denied", "full"] as const)("says that it could not be saved: %s", (unsaved) => {
    expect(view({ status: "authenticated", card: ADA }, { unsaved }).note).toBe(
      `Could not be saved in this browser (storage ${unsaved}). You stay logged in until this page is closed.`,
    );
    expect(view({}, { unsaved }).note).toBe("");
  });

  it("is busy while logging out", () => {
    const change = { pending: "logout" } as const;
    expect(view({ status: "authenticated", card: ADA }, change)).toMatchObject({
      status: "Logging out…",
      card: ADA,
      logout: "busy",
    });
    expect(view({ status: "authenticated", card: ADA }, { ...change, silent: true })).toMatchObject(
      {
        status: SILENT,
        card: ADA,
        logout: "none",
      },
    );
  });
});
