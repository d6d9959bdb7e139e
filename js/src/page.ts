/**
 * The state of one widget in one page, between the kernel, the login window and the record store.
 * It does not touch the DOM: the cards draw its snapshots and call its actions.
 */

import type { openChannels } from "./callback";
import type { Abilities, Ready, ResponseParameters, Show, State, ToKernel, Way } from "./messages";
import type { WindowState } from "./own_window";
import { createOwnWindow } from "./own_window";
import { parseToPage } from "./parsing";
import type { openPopup } from "./popup";
import type { logInSilently } from "./silent_login";
import type { openStore, RecordStore, StorageFailure } from "./storage";
import type { endTenantSession } from "./tenant_logout";
import { isLocal } from "./urls";

/** After this, the card says that the kernel does not reply. A kernel that is not busy does at once. */
export const KERNEL_TIMEOUT_MS = 5000;
/** The kernel mostly checks a response within this time. Meanwhile the card is not redrawn, lest it flicker. */
const CHECKED_MS = 150;
/** The longest pause between two hellos, so that a busy kernel does not get thousands of them. */
const MAX_PAUSE_MS = 60_000;

/**
 * What the page waits for the kernel to do: reply to the hello, verify the stored record, handle a
 * change of the window or a click on the link, check the tenant's response, get a code, log out; or
 * null for nothing.
 */
export type Pending =
  | "hello"
  | "record"
  | "window"
  | "link"
  | "response"
  | "code"
  | "logout"
  | null;

/** The process that has the login: a kernel, or the Jupyter Server for the top bar. */
export type Peer = "kernel" | "server";

export interface Snapshot {
  /** The last state that the kernel sent; null before the first. */
  readonly kernel: State | null;
  readonly pending: Pending;
  /** The kernel has not replied for `KERNEL_TIMEOUT_MS`. */
  readonly kernelSilent: boolean;
  /** The kernel has replied, and waits for the tenant. */
  readonly waitingForTenant: boolean;
  /** The login window of this widget, or that of another widget of this page. */
  readonly popup: WindowState;
  /** The person has followed a link of this widget, and that login has not ended. */
  readonly linkFollowed: boolean;
  /** The callback page can be used for the next response, and is not yet. */
  readonly callbackPage: boolean;
  /** The response comes through the callback page, and any page of the login may receive it. */
  readonly viaCallbackPage: boolean;
  /** There is an unused authorize URL, so a click can open the window at once. */
  readonly canLogin: boolean;
  /** What Log in does, and why it does not open a window. */
  readonly way: Way;
  readonly why: string | null;
  /** The other ways to log in. A code is always possible. */
  readonly hasWindow: boolean;
  readonly linkUrl: string | null;
  /** Why the record could not be stored in this browser, or null. */
  readonly storageFailure: StorageFailure | null;
  /** The browser blocked the window that ends the session at the tenant. */
  readonly tenantLogoutBlocked: boolean;
  readonly show: Show;
  readonly peer: Peer;
  /** The page is on this machine, so the tenant may ask the person to confirm the login. */
  readonly local: boolean;
}

export interface Page {
  snapshot(): Snapshot;
  /** Calls back after every change, until the signal aborts. */
  subscribe(changed: () => void, signal: AbortSignal): void;
  /** Handles a custom message from the kernel. */
  receive(message: unknown): void;
  /** Sends the hello again, if the kernel has not replied to it yet. */
  sayHello(): void;
  /** Sends a hello to find out whether the kernel is still there, unless something is pending. */
  checkKernel(): void;
  /** Opens the login window. Call it in the click handler itself. */
  openWindow(): void;
  /** Tells the kernel that the person has clicked the link, before the browser opens it. */
  followLink(): void;
  showPopup(): void;
  /** Uses the callback page for the next response. */
  useCallbackPage(): void;
  /** Asks the kernel for a code, to log in without a window here (RFC 8628). */
  useCode(): void;
  /** Cancels the login that is under way, even if another page has its window. */
  cancel(): void;
  /** Logs out here and, if the author chose so, at the tenant. Call it in the click handler itself. */
  logout(): void;
}

export interface PageEnvironment {
  /** The ID of this page and what it can do. */
  readonly id: string;
  readonly abilities: Abilities;
  /** The URL of the callback page; null if this page's server has none. */
  readonly callbackPageUrl: string | null;
  readonly peer: Peer;
  readonly send: (message: ToKernel) => void;
  readonly openPopup: typeof openPopup;
  readonly openStore: typeof openStore;
  readonly openChannels: typeof openChannels;
  readonly endTenantSession: typeof endTenantSession;
  readonly logInSilently: typeof logInSilently;
  /** Ends everything: timers, listeners, the login window. */
  readonly signal: AbortSignal;
}

export function createPage(environment: PageEnvironment): Page {
  const { id, abilities, callbackPageUrl, peer, send, signal, ...open } = environment;
  const { origin } = abilities;
  let snapshot: Snapshot = {
    kernel: null,
    pending: "hello",
    kernelSilent: false,
    waitingForTenant: false,
    popup: null,
    linkFollowed: false,
    callbackPage: false,
    viaCallbackPage: false,
    canLogin: false,
    way: "window",
    why: null,
    hasWindow: false,
    linkUrl: null,
    storageFailure: null,
    tenantLogoutBlocked: false,
    show: "card",
    peer,
    local: origin !== null && isLocal(origin),
  };
  const listeners = new Set<() => void>();
  let timeout: ReturnType<typeof setTimeout> | undefined;
  let ready: Ready | null = null;
  let store: RecordStore | null = null;
  let watching = new AbortController();
  let quiet: ReturnType<typeof setTimeout> | undefined;
  const channels = open.openChannels(respondedElsewhere, signal);
  const ownWindow = createOwnWindow(
    open.openPopup,
    { responded, closed, changed: () => update({ popup: windowState() }) },
    signal,
  );

  function update(change: Partial<Snapshot>): void {
    snapshot = { ...snapshot, ...change };
    if (snapshot.pending === "response" && quiet !== undefined) return;
    clearTimeout(quiet);
    quiet = undefined;
    for (const listener of [...listeners]) listener();
  }

  /** Sets what is pending, and starts the timeout for it. */
  function waitFor(pending: Pending, change: Partial<Snapshot> = {}): void {
    clearTimeout(timeout);
    if (pending !== null) timeout = setTimeout(onSilence, KERNEL_TIMEOUT_MS, KERNEL_TIMEOUT_MS);
    update({ kernelSilent: false, waitingForTenant: false, ...change, pending });
  }

  function onSilence(waited: number): void {
    // The kernel may be waiting for the tenant. If it replies to this hello, it is not silent.
    if (snapshot.pending === "record" && waited === KERNEL_TIMEOUT_MS) {
      hello();
      timeout = setTimeout(onSilence, KERNEL_TIMEOUT_MS, 2 * KERNEL_TIMEOUT_MS);
      return;
    }
    update({ kernelSilent: true });
    // The reply to a hello contains a new authorize URL, which must not come while a response is
    // checked.
    if (snapshot.pending === "response") return;
    hello();
    const pause = Math.min(2 * waited, MAX_PAUSE_MS);
    timeout = setTimeout(onSilence, pause, pause);
  }

  function hello(): void {
    send({ type: "hello", page: id, ...abilities, callback_page: callbackPageUrl });
  }

  function sendRecord(record: string | null): void {
    send({ type: "stored_record", page: id, record });
  }

  function onReady(message: Ready): void {
    if (store === null || message.key !== ready?.key || message.storage !== ready.storage) {
      watching.abort();
      watching = new AbortController();
      store = open.openStore(message.storage, message.key);
      store.watch(sendRecord, watching.signal);
    }
    ready = message;
    const viaCallbackPage = message.callback === "page";
    const change = {
      canLogin: true,
      way: message.way,
      why: message.why,
      hasWindow: message.authorize_url !== null,
      linkUrl: message.link_url,
      show: message.show,
      viaCallbackPage,
      callbackPage: callbackPageUrl !== null && !viaCallbackPage,
    };
    const { pending } = snapshot;
    if (pending === "hello") waitFor(snapshot.kernel ? null : "record", change);
    else if (pending === "response" || pending === "code" || pending === "record") {
      // The kernel has received the message, so it is now waiting for the tenant.
      clearTimeout(timeout);
      update({ ...change, waitingForTenant: true, kernelSilent: false });
    } else update(change);
    sendRecord(store.read());
  }

  function onState(message: State): void {
    // The person has logged in, the page has the card, and no cell requests more.
    const done = message.status === "authenticated" && message.card && !message.waiting;
    if (done) ownWindow.close();
    // This widget opened the window before its notebook was closed and opened again.
    if (message.window !== null && ownWindow.takeOver(message.window))
      send({ type: "window_closed", page: id });
    channels.listen(message.channels.filter((name) => name !== ownWindow.channel()));
    let pending: Pending = null;
    // This state may be older than the last message of this page, which the kernel has yet to handle.
    const overtaken =
      snapshot.pending === "response" ||
      (snapshot.pending === "code" && !message.device) ||
      (snapshot.pending === "window" && snapshot.popup !== "open");
    // With a problem, it is the reply to that message, while another page's login is under way.
    if (message.status === "logging_in" && overtaken && !message.problem) {
      if (snapshot.waitingForTenant) {
        update({ kernel: message });
        return;
      }
      pending = snapshot.pending;
    }
    // There is no authorize URL: wait for it, and send a hello if it does not come.
    else if (!snapshot.canLogin && !done) pending = "hello";
    waitFor(pending, {
      kernel: message,
      popup: windowState(),
      linkFollowed: snapshot.linkFollowed && message.status === "logging_in",
      tenantLogoutBlocked: snapshot.tenantLogoutBlocked && message.status === "logged_out",
    });
  }

  function onStore(record: string): void {
    if (store === null) return;
    const reason = store.write(record);
    send({ type: "store_result", page: id, ok: reason === null, reason });
    update({ storageFailure: reason });
  }

  function windowState(): WindowState {
    return ownWindow.state(ready?.key ?? null);
  }

  function responded(response: ResponseParameters): void {
    send({ type: "authorization_response", page: id, response });
    quiet = setTimeout(() => {
      quiet = undefined;
      update({});
    }, CHECKED_MS);
    // The state in the URL must not be used again. The kernel sends a new URL.
    waitFor("response", { popup: null, canLogin: false });
  }

  /** The callback page has sent the response to a login that another page or widget started. */
  function respondedElsewhere(response: ResponseParameters): void {
    send({ type: "authorization_response", page: id, response });
  }

  function closed(): void {
    // A window that is cut off from this page seems closed, too. So the login continues, and the card
    // offers other ways.
    send({ type: "window_closed", page: id });
    waitFor("window", { popup: "closed" });
  }

  signal.addEventListener("abort", () => {
    clearTimeout(timeout);
    clearTimeout(quiet);
    watching.abort();
    listeners.clear();
  });

  return {
    snapshot: () => snapshot,
    subscribe(changed, until) {
      listeners.add(changed);
      until.addEventListener("abort", () => listeners.delete(changed));
    },
    receive(message) {
      // All pages get all messages of the kernel. Those for other pages are ignored.
      const to = (Object(message) as { to?: unknown }).to;
      if (typeof to === "string" && to !== id) return;
      const parsed = parseToPage(message);
      if (parsed === null) console.debug("auth0-widget: dropped a malformed message");
      else if (parsed.type === "ready") onReady(parsed);
      else if (parsed.type === "state") onState(parsed);
      else if (parsed.type === "store") onStore(parsed.record);
      else if (parsed.type === "silent") open.logInSilently(parsed, respondedElsewhere, signal);
      // "code" is for the loader (loader.ts) of another widget of this page.
    },
    sayHello() {
      if (snapshot.pending !== "hello") return;
      hello();
      waitFor("hello", { kernelSilent: snapshot.kernelSilent });
    },
    checkKernel() {
      if (snapshot.pending !== null) return;
      hello();
      waitFor("hello");
    },
    openWindow() {
      if (ready === null || !snapshot.canLogin) return;
      const opened = ownWindow.open(ready);
      send({ type: "login_started", page: id, way: "window" });
      if (!opened) {
        send({ type: "window_blocked", page: id });
        waitFor("window", { popup: null });
      } else {
        waitFor("window", { popup: "open", linkFollowed: false, tenantLogoutBlocked: false });
      }
    },
    followLink() {
      ownWindow.close();
      send({ type: "login_started", page: id, way: "link" });
      // The URL stays, because the browser is about to open it. The kernel sends another one.
      waitFor("link", { popup: null, linkFollowed: true, tenantLogoutBlocked: false });
    },
    showPopup: ownWindow.show,
    useCallbackPage() {
      send({ type: "use_callback_page", page: id });
      waitFor("window");
    },
    useCode() {
      // The window is not forgotten: if it only seems closed, it may still respond.
      send({ type: "use_code", page: id });
      waitFor("code");
    },
    cancel() {
      ownWindow.close();
      send({ type: "cancel_login", page: id });
      waitFor("window", { popup: null });
    },
    logout() {
      const url = ready?.logout_url ?? null;
      const tenantLogoutBlocked =
        url !== null && !(origin && open.endTenantSession(url, origin, signal));
      // The session ends here, even if that at the tenant does not.
      send({ type: "log_out", page: id });
      waitFor("logout", { tenantLogoutBlocked });
    },
  };
}
