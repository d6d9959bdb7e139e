/** What the card says and offers in each situation: words only, no DOM. */

import type { Card, Problem } from "./messages";
import type { Snapshot } from "./page";

/** Absent, shown but not to be clicked yet, or ready to be clicked. */
export type Offer = "none" | "busy" | "ready";

export interface View {
  /** What is going on, in one or two sentences; announced when it changes. */
  readonly status: string;
  readonly problem: Problem | null;
  readonly card: Card | null;
  readonly login: Offer;
  /** Our login window is open: it can be shown or given up. */
  readonly popup: boolean;
  readonly logout: Offer;
  /** A remark that is no failure; empty when there is none. */
  readonly note: string;
}

const NOTHING: View = {
  status: "",
  problem: null,
  card: null,
  login: "none",
  popup: false,
  logout: "none",
  note: "",
};

const SILENT = "Waiting for the kernel. If this stays, run this cell.";

function headline(snapshot: Snapshot): string {
  const kernel = snapshot.kernel;
  switch (kernel?.status) {
    case "authenticated":
      return kernel.card
        ? "You are logged in."
        : "A session is active in this kernel, opened from another page.";
    case "expired":
      return "Your session has ended.";
    case "logging_in":
      return "A login has been started in another window.";
    default:
      return "You are not logged in.";
  }
}

/** The view of a snapshot. */
export function viewOf(snapshot: Snapshot): View {
  const { kernel, pending, silent } = snapshot;
  if (snapshot.popup) {
    return { ...NOTHING, status: "Finish logging in in the window that just opened.", popup: true };
  }
  const leaving = pending === "logout" ? (kernel?.card ?? null) : null;
  if (silent) {
    return { ...NOTHING, status: SILENT, card: leaving, problem: kernel?.problem ?? null };
  }
  if (pending === "logout") {
    return { ...NOTHING, status: "Logging out…", card: leaving, logout: "busy" };
  }
  if (pending === "answer") return { ...NOTHING, status: "Checking the login…", login: "busy" };
  if (kernel === null) return { ...NOTHING, status: "Connecting to the kernel…" };

  const authenticated = kernel.status === "authenticated";
  const waiting = kernel.waiting && !authenticated;
  return {
    ...NOTHING,
    status: headline(snapshot) + (waiting ? " A cell is waiting for you to log in." : ""),
    problem: kernel.problem,
    card: authenticated ? kernel.card : null,
    login: authenticated && kernel.card ? "none" : snapshot.canLogin ? "ready" : "busy",
    logout: authenticated ? "ready" : "none",
    note:
      authenticated && snapshot.unsaved
        ? `Could not be saved in this browser (storage ${snapshot.unsaved}). You stay logged in until this page is closed.`
        : "",
  };
}
