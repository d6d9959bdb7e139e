/** The content of the card in each state: texts, buttons and links. Does not touch the DOM. */

import type { Card, Device, Problem, Way } from "./messages";
import type { Snapshot } from "./page";
import { visible } from "./visible";

/** Hidden; shown, but a click does nothing yet; ready for a click. */
export type ButtonState = "hidden" | "busy" | "ready";

export interface CardContent {
  /** The status in one or two sentences. Screen readers announce it when it changes. */
  readonly status: string;
  /** The person must read the status to go on, so it is also shown with `show` "button" or "badge". */
  readonly urgent: boolean;
  readonly problem: Problem | null;
  readonly card: Card | null;
  /** The session can be used. If not, the card shows an expired session. */
  readonly usable: boolean;
  /** The code with which the person logs in, or null. */
  readonly device: Device | null;
  /** The Log in button, which opens a window or requests a code; hidden if Log in is a link. */
  readonly login: ButtonState;
  /** Log in is a link. */
  readonly link: boolean;
  /** The session has expired: the button says Log in again. */
  readonly loginAgain: boolean;
  /** A login window of this widget is open: the Show window button is shown. */
  readonly popup: boolean;
  /** The Use the callback page button, if the window may have been cut off from the page. */
  readonly callbackPage: ButtonState;
  /** The Use a code instead button, if Log in has failed or may fail. */
  readonly code: ButtonState;
  /** The ways under Other ways to log in. */
  readonly others: readonly Way[];
  readonly cancel: boolean;
  readonly logout: ButtonState;
  /** A remark that is no error; empty when there is none. */
  readonly note: string;
}

const NOTHING: CardContent = {
  status: "",
  urgent: false,
  problem: null,
  card: null,
  usable: false,
  device: null,
  login: "hidden",
  link: false,
  loginAgain: false,
  popup: false,
  callbackPage: "hidden",
  code: "hidden",
  others: [],
  cancel: false,
  logout: "hidden",
  note: "",
};

export const CONNECTING = "Connecting to the kernel…";
export const NO_KERNEL = "Not connected to a kernel. Run this cell to log in.";
const NO_REPLY = "Waiting for the kernel. If it is not busy, run this cell again.";
const CONNECTING_TO_SERVER = "Connecting to the Jupyter Server…";
const NO_SERVER = "Not connected to the Jupyter Server.";
const WINDOW = "Finish the login in the window that has opened.";
// Auth0's "Non-Verifiable Callback URI End-User Confirmation".
const CONFIRM = "It may ask you to confirm that it is you who logs in here.";
const LINK = "Finish the login in your browser, on this computer.";

/** The content of the card for a snapshot. */
export function cardContent(snapshot: Snapshot): CardContent {
  const { kernel, pending, kernelSilent } = snapshot;
  const server = snapshot.peer === "server";
  const noReply = server ? NO_SERVER : NO_REPLY;
  const authenticated = kernel?.status === "authenticated";
  const card = kernel?.card ?? null;
  const base: CardContent = {
    ...NOTHING,
    card,
    usable: authenticated && card !== null,
    note: noteOf(snapshot),
  };

  if (snapshot.popup === "open") {
    const status = [WINDOW, snapshot.local && CONFIRM, kernelSilent && noReply]
      .filter(Boolean)
      .join(" ");
    return { ...base, status, urgent: true, popup: true, cancel: true };
  }
  if (snapshot.linkFollowed) {
    const status = [LINK, CONFIRM, kernelSilent && NO_REPLY].filter(Boolean).join(" ");
    // The URL must not be used twice. The kernel is sending another one.
    const link = pending !== "link";
    return { ...base, status, urgent: true, link, code: "ready", cancel: true };
  }
  if (kernelSilent) {
    return { ...base, status: kernel || server ? noReply : NO_KERNEL, urgent: true };
  }
  if (pending === "logout") {
    return { ...base, status: "Logging out…", logout: "busy" };
  }
  if (pending === "response") {
    return { ...base, status: "Asking the tenant about this login…", login: "busy", cancel: true };
  }
  if (kernel === null) {
    const status = snapshot.waitingForTenant
      ? "Asking the tenant about the stored session…"
      : server
        ? CONNECTING_TO_SERVER
        : CONNECTING;
    return { ...base, status };
  }
  if (pending === "code") {
    // The kernel logs in without the person, so no code is requested.
    if (snapshot.way === "unattended")
      return { ...base, status: "Logging in…", login: "busy", cancel: true };
    return { ...base, status: "Asking the tenant for a code…", code: "busy", cancel: true };
  }
  // The kernel's last state is about a window that is closed. It is sending the next state.
  if (pending === "window") return { ...base, login: "busy" };

  if (kernel.device) {
    const { device } = kernel;
    const status = `${device.reason ?? ""} Log in with a code instead.`.trim();
    return { ...base, status, urgent: true, device, cancel: true };
  }

  const settled = base.usable && !kernel.waiting;
  const link = snapshot.way === "link" && snapshot.canLogin;
  const failed = kernel.status === "error";
  const cutOff = kernel.problem?.code === "popup_closed";
  const beside = snapshot.way === "window" || snapshot.way === "link";
  const code = beside && !settled && (failed || cutOff || link);
  return {
    ...base,
    status: headline(snapshot),
    urgent: kernel.waiting || (authenticated && card === null),
    login: settled || link ? "hidden" : snapshot.canLogin ? "ready" : "busy",
    link: link && !settled,
    loginAgain: kernel.status === "expired",
    problem: kernel.problem,
    callbackPage: cutOff && snapshot.callbackPage ? "ready" : "hidden",
    code: code ? "ready" : "hidden",
    others: settled || !snapshot.canLogin ? [] : others(snapshot, beside && !code),
    cancel: kernel.status === "logging_in" || cutOff || (failed && kernel.waiting),
    logout: authenticated ? "ready" : "hidden",
  };
}

/** The ways to log in for which there is no button yet. */
function others({ way, hasWindow, linkUrl }: Snapshot, code: boolean): readonly Way[] {
  const there: [Way, boolean][] = [
    ["window", hasWindow],
    ["link", linkUrl !== null],
    ["code", code],
  ];
  return there.filter(([other, is]) => is && other !== way).map(([other]) => other);
}

/** Who started the login that is under way, and what the person can do. */
function loginUnderWay({ kernel, popup, viaCallbackPage }: Snapshot): string {
  if (kernel?.problem) return "You are not logged in yet.";
  if (kernel?.started_by === "kernel") return "The output of a cell says how to log in.";
  if (popup === "in_page") return WINDOW;
  if (kernel?.started_by !== "this_page") return "A login was begun in another window.";
  return viaCallbackPage || popup === "in_page_closed"
    ? "A login window of this page may still be open. Finish the login there, or log in again."
    : "The login window that this page had opened before no longer counts. Log in again.";
}

function headline(snapshot: Snapshot): string {
  const { kernel, peer } = snapshot;
  if (kernel?.status === "authenticated") {
    if (!kernel.card) {
      // A notebook of the same page may have opened it and not stored it in this browser.
      const place = peer === "server" ? "top bar" : "page";
      return `A session is active in this ${peer}. It was not opened in this ${place}.`;
    }
    return kernel.waiting
      ? "You are logged in. A cell asks for more than that: log in once more."
      : "You are logged in.";
  }
  const waiting = kernel?.waiting ? " A cell is waiting for you to log in." : "";
  if (kernel?.status === "expired") return `Your session has ended.${waiting}`;
  if (kernel?.status === "logging_in") return `${loginUnderWay(snapshot)}${waiting}`;
  return `You are not logged in.${waiting}`;
}

function noteOf({ kernel, storageFailure, tenantLogoutBlocked, why }: Snapshot): string {
  if (kernel?.status === "authenticated" && storageFailure) {
    const why =
      storageFailure === "full" ? "its storage is full" : "it blocks storage for this page";
    return `This browser could not store the login: ${why}. Other pages and kernels will ask you to log in again.`;
  }
  const owner = kernel?.card?.server_of;
  if (owner) return `This is the Jupyter server of ${visible(owner)}: is it you who is logged in?`;
  if (tenantLogoutBlocked) {
    return "You are logged out here. The browser blocked the window that ends the Auth0 session as well.";
  }
  return (kernel?.status !== "authenticated" && why) || "";
}
