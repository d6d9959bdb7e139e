/** What the card says and offers in each situation: words only, no DOM. */

import type { Card, Device, Problem } from "./messages";
import type { Snapshot } from "./page";

/** Not there; there, but a click does nothing yet; ready for a click. */
export type ButtonState = "hidden" | "busy" | "ready";

export interface View {
  /** What is going on, in one or two sentences; announced when it changes. */
  readonly status: string;
  /** The person must read the status in order to go on; shown also as a button or badge. */
  readonly urgent: boolean;
  readonly problem: Problem | null;
  readonly card: Card | null;
  /** The session of the card can be used; otherwise the card shows whose it was. */
  readonly usable: boolean;
  /** The code to log in with, where no window worked. */
  readonly device: Device | null;
  readonly login: ButtonState;
  /** The session on the card is over: the button says Log in again. */
  readonly loginAgain: boolean;
  /** Our login window is open: it can be shown. */
  readonly popup: boolean;
  /** The other way in: a code instead of a window. */
  readonly code: ButtonState;
  readonly cancel: boolean;
  readonly logout: ButtonState;
  /** A remark that is no failure; empty when there is none. */
  readonly note: string;
}

const NOTHING: View = {
  status: "",
  urgent: false,
  problem: null,
  card: null,
  usable: false,
  device: null,
  login: "hidden",
  loginAgain: false,
  popup: false,
  code: "hidden",
  cancel: false,
  logout: "hidden",
  note: "",
};

export const CONNECTING = "Connecting to the kernel…";
export const NO_KERNEL = "Not connected to a kernel. Run this cell to log in.";
const NO_ANSWER = "Waiting for the kernel. If it is not busy, run this cell again.";
const WINDOW = "Finish the login in the window that has opened.";
// Auth0's Non-Verifiable Callback URI End-User Confirmation.
const CONFIRM = "It may ask you to confirm that it is you who logs in here.";

/** The view of a snapshot. */
export function viewOf(snapshot: Snapshot): View {
  const { kernel, pending, kernelSilent } = snapshot;
  const authenticated = kernel?.status === "authenticated";
  const card = kernel?.card ?? null;
  const base: View = {
    ...NOTHING,
    card,
    usable: authenticated && card !== null,
    note: noteOf(snapshot),
  };

  if (snapshot.popup) {
    const status = [WINDOW, snapshot.local && CONFIRM, kernelSilent && NO_ANSWER]
      .filter(Boolean)
      .join(" ");
    return { ...base, status, urgent: true, popup: true, cancel: true };
  }
  if (kernelSilent) {
    return { ...base, status: kernel ? NO_ANSWER : NO_KERNEL, urgent: true };
  }
  if (pending === "logout") {
    return { ...base, status: "Logging out…", logout: "busy" };
  }
  if (pending === "response") {
    return { ...base, status: "Checking the login…", login: "busy" };
  }
  if (kernel === null) return { ...base, status: CONNECTING };
  if (pending === "code") {
    return { ...base, status: "Asking for a code…", code: "busy" };
  }
  // The kernel's last state is about the window that has gone; its next is on the way.
  if (pending === "window") return { ...base, login: "busy" };

  if (kernel.device) {
    const { device } = kernel;
    const status = `${device.reason ?? ""} Log in with a code instead.`.trim();
    return { ...base, status, urgent: true, device, cancel: true };
  }

  const settled = base.usable && !kernel.waiting;
  return {
    ...base,
    status: headline(snapshot),
    urgent: kernel.waiting || (authenticated && card === null),
    login: settled ? "hidden" : snapshot.canLogin ? "ready" : "busy",
    loginAgain: kernel.status === "expired",
    problem: kernel.problem,
    code: kernel.status === "error" ? "ready" : "hidden",
    cancel: kernel.status === "logging_in",
    logout: authenticated ? "ready" : "hidden",
  };
}

function headline({ kernel }: Snapshot): string {
  if (kernel?.status === "authenticated") {
    if (!kernel.card) return "A session is active in this kernel, opened from another page.";
    return kernel.waiting
      ? "You are logged in. A cell needs a session that lasts longer: log in once more."
      : "You are logged in.";
  }
  const waiting = kernel?.waiting ? " A cell is waiting for you to log in." : "";
  if (kernel?.status === "expired") return `Your session has ended.${waiting}`;
  if (kernel?.status === "logging_in") return `A login was begun in another window.${waiting}`;
  return `You are not logged in.${waiting}`;
}

function noteOf({ kernel, storageFailure, tenantLogoutBlocked }: Snapshot): string {
  if (kernel?.status === "authenticated" && storageFailure) {
    return `Could not be saved in this browser (storage ${storageFailure}). You stay logged in until this page is closed.`;
  }
  return tenantLogoutBlocked
    ? "You are logged out here. The browser blocked the window that ends the Auth0 session as well."
    : "";
}
