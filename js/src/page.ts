/**
 * What one widget does in one page: the state machine between the kernel, the login window and the
 * record store. It knows no DOM; the cards draw its snapshots and call its actions.
 */

import type { openChannels } from "./callback";
import type {
  Abilities,
  Ready,
  ResponseParameters,
  Show,
  State,
  StorageFailure,
  ToKernel,
  Way,
} from "./messages";
import { parseToPage } from "./messages";
import type { openPopup } from "./popup";
import type { openStore, RecordStore } from "./storage";
import type { endTenantSession } from "./tenant_logout";
import { isLocal } from "./urls";
import type { LoginWindow } from "./windows";
import {
  addWindow,
  markClosed,
  removeWindow,
  takeWindow,
  watchWindows,
  windowsOf,
} from "./windows";

/** A kernel that is not busy answers in milliseconds; after this the card says that it does not. */
export const KERNEL_TIMEOUT_MS = 5000;
/** A kernel that is busy for hours should not find thousands of hellos when it is free again. */
const MAX_PAUSE_MS = 60_000;

/**
 * What the page waits for the kernel to do: answer the hello, verify the stored record, take note of
 * what became of the window or that a link was followed, check the tenant's response, get a code,
 * log out; or nothing.
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

/** Who holds the login that the page shows. */
export type Peer = "kernel" | "server";

export interface Snapshot {
  /** The last state that the kernel sent; null before the first. */
  readonly kernel: State | null;
  readonly pending: Pending;
  /** The kernel has been silent about what is pending for longer than it should be. */
  readonly kernelSilent: boolean;
  /** The kernel has confirmed that it is at it, and waits for the tenant. */
  readonly waitingForTenant: boolean;
  /**
   * The login window: open; reading closed, and listened to all the same; another widget's of this
   * page, which is open or reads closed; or none that this page knows of.
   */
  readonly popup: "open" | "closed" | "in_page" | "in_page_closed" | null;
  /** A link was followed here, and its login is not over as far as we know. */
  readonly linkFollowed: boolean;
  /** The response of the next login can be had through the callback page, and is not yet. */
  readonly callbackPage: boolean;
  /** The response of a login comes through the callback page, whichever page hears it. */
  readonly viaCallbackPage: boolean;
  /** A fresh authorize URL is here, so a click can open the window at once. */
  readonly canLogin: boolean;
  /** What Log in does, and why it is not a window. */
  readonly way: Way;
  readonly why: string | null;
  /** The other ways there are, beside a code. */
  readonly hasWindow: boolean;
  readonly linkUrl: string | null;
  /** Why the record could not be saved in this browser; null when it was, or never had to be. */
  readonly storageFailure: StorageFailure | null;
  /** The browser did not let us open the window that ends the tenant's own session. */
  readonly tenantLogoutBlocked: boolean;
  readonly show: Show;
  readonly peer: Peer;
  /** The page is on this machine: the tenant may ask whether its answer may go there. */
  readonly local: boolean;
}

export interface Page {
  snapshot(): Snapshot;
  /** Calls back after every change, until the signal aborts. */
  subscribe(changed: () => void, signal: AbortSignal): void;
  /** Takes a custom message from the kernel. */
  receive(message: unknown): void;
  /** Says hello to the kernel again, if it has not answered yet. */
  sayHello(): void;
  /** Asks the kernel whether it is still there, unless something is pending that will tell. */
  checkKernel(): void;
  /** Opens the login window. Call it in the click handler itself. */
  openWindow(): void;
  /** Tells the kernel that the person has followed the link, before the browser does so. */
  followLink(): void;
  showPopup(): void;
  /** Has the response of the next login come through the callback page. */
  useCallbackPage(): void;
  /** Asks the kernel for a code, to log in without a window here (RFC 8628). */
  useCode(): void;
  /** Gives up the login that is under way, also one whose window this page does not have. */
  cancel(): void;
  /** Logs out here, and at the tenant where that is wanted. Call it in the click handler itself. */
  logout(): void;
}

export interface PageEnvironment {
  /** This page's id and what it can do, as the kernel will know them. */
  readonly id: string;
  readonly abilities: Abilities;
  /** Where its server serves the callback page, if it does. */
  readonly callback: string | undefined;
  readonly peer: Peer;
  readonly send: (message: ToKernel) => void;
  readonly openPopup: typeof openPopup;
  readonly openStore: typeof openStore;
  readonly openChannels: typeof openChannels;
  readonly endTenantSession: typeof endTenantSession;
  /** Ends everything: timers, listeners, the login window. */
  readonly signal: AbortSignal;
}

export function createPage(environment: PageEnvironment): Page {
  const { id, abilities, callback, peer, send, signal, ...open } = environment;
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
  let held: LoginWindow | null = null;
  const channels = open.openChannels(respondedElsewhere, signal);

  function update(change: Partial<Snapshot>): void {
    snapshot = { ...snapshot, ...change };
    for (const listener of [...listeners]) listener();
  }

  /** Waits for the kernel to do this, and notices when it takes too long. */
  function waitFor(pending: Pending, change: Partial<Snapshot> = {}): void {
    clearTimeout(timeout);
    if (pending !== null) timeout = setTimeout(onSilence, KERNEL_TIMEOUT_MS, KERNEL_TIMEOUT_MS);
    update({ kernelSilent: false, waitingForTenant: false, ...change, pending });
  }

  function onSilence(waited: number): void {
    // A kernel that answers this hello is not silent: it verifies the record, and asks the tenant.
    if (snapshot.pending === "record" && waited === KERNEL_TIMEOUT_MS) {
      hello();
      timeout = setTimeout(onSilence, KERNEL_TIMEOUT_MS, 2 * KERNEL_TIMEOUT_MS);
      return;
    }
    update({ kernelSilent: true });
    // A new hello asks for a new login's URL: not while the kernel checks a response.
    if (snapshot.pending === "response") return;
    hello();
    const pause = Math.min(2 * waited, MAX_PAUSE_MS);
    timeout = setTimeout(onSilence, pause, pause);
  }

  function hello(): void {
    send({ type: "hello", page: id, ...abilities, callback });
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
      callbackPage: callback !== undefined && !viaCallbackPage,
    };
    const { pending } = snapshot;
    if (pending === "hello") waitFor(snapshot.kernel ? null : "record", change);
    else if (pending === "response" || pending === "code" || pending === "record") {
      // The kernel has what we sent, or answered the hello: what takes time now is the tenant.
      clearTimeout(timeout);
      update({ ...change, waitingForTenant: true, kernelSilent: false });
    } else update(change);
    sendRecord(store.read());
  }

  function onState(message: State): void {
    // Logged in, this page holds the card, and no cell asks for more: nothing is left to do.
    const done = message.status === "authenticated" && message.card && !message.waiting;
    if (done) closeWindow();
    // It was opened by this widget while its notebook was open before: go on with it.
    if (held === null && message.window !== null) take(message.window);
    channels.listen(message.channels.filter((name) => name !== held?.popup.channel));
    let pending: Pending = null;
    // The kernel may say "logging_in" for our click when our next message is on its way to it.
    const overtaken =
      snapshot.pending === "response" ||
      (snapshot.pending === "code" && !message.device) ||
      (snapshot.pending === "window" && snapshot.popup !== "open");
    // With a problem it is the answer to that message, while another page's login is under way.
    if (message.status === "logging_in" && overtaken && !message.problem) {
      if (snapshot.waitingForTenant) {
        update({ kernel: message });
        return;
      }
      pending = snapshot.pending;
    }
    // Log in needs a new URL: wait for it, and ask for it if it does not come.
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

  function windowState(): Snapshot["popup"] {
    if (held !== null) return held.readsClosed ? "closed" : "open";
    const others = ready && windowsOf(ready.key);
    if (others === null) return null;
    return others === "open" ? "in_page" : "in_page_closed";
  }

  function take(channel: string): void {
    held = takeWindow(channel, letGo);
    held?.popup.handTo({ responded, closed });
    if (held?.readsClosed) send({ type: "window_closed", page: id });
  }

  /** Another widget has our window now. */
  function letGo(): void {
    held = null;
    update({ popup: windowState() });
  }

  function forgetWindow(): void {
    if (held === null) return;
    const gone = held;
    held = null;
    removeWindow(gone);
  }

  function closeWindow(): void {
    held?.popup.close();
    forgetWindow();
  }

  function responded(response: ResponseParameters): void {
    forgetWindow();
    send({ type: "authorization_response", page: id, response });
    // The state in the URL has been used; the kernel sends a new URL.
    waitFor("response", { popup: null, canLogin: false });
  }

  /** The callback page has passed on the response to a login that another page or widget began. */
  function respondedElsewhere(response: ResponseParameters): void {
    send({ type: "authorization_response", page: id, response });
  }

  function closed(): void {
    // That proves nothing: a window that is cut off from us reads closed as well. This login goes
    // on, and the card offers others.
    if (held !== null) markClosed(held);
    send({ type: "window_closed", page: id });
    waitFor("window", { popup: "closed" });
  }

  watchWindows(() => {
    if (held === null) update({ popup: windowState() });
  }, signal);

  signal.addEventListener("abort", () => {
    clearTimeout(timeout);
    watching.abort();
    // Where any page may hear the response, the widget that takes this one's place will.
    if (held?.popup.viaCallbackPage) held.popup.release();
    else held?.popup.close();
    forgetWindow();
    listeners.clear();
  });

  return {
    snapshot: () => snapshot,
    subscribe(changed, until) {
      listeners.add(changed);
      until.addEventListener("abort", () => listeners.delete(changed));
    },
    receive(message) {
      // Every page on the kernel gets every message; one for another page is not checked here.
      const to = (Object(message) as { to?: unknown }).to;
      if (typeof to === "string" && to !== id) return;
      const parsed = parseToPage(message);
      if (parsed === null) console.debug("auth0-widget: dropped a malformed message");
      else if (parsed.type === "ready") onReady(parsed);
      else if (parsed.type === "state") onState(parsed);
      else if (parsed.type === "store") onStore(parsed.record);
      // "code" is for the loader (loader.ts): another widget of this page has asked as well.
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
      closeWindow();
      const popup = open.openPopup(ready, { responded, closed });
      send({ type: "login_started", page: id, way: "window" });
      if (popup === null) {
        send({ type: "window_blocked", page: id });
        waitFor("window", { popup: null });
      } else {
        held = { key: ready.key, popup, readsClosed: false, taken: letGo };
        addWindow(held);
        waitFor("window", { popup: "open", linkFollowed: false, tenantLogoutBlocked: false });
      }
    },
    followLink() {
      closeWindow();
      send({ type: "login_started", page: id, way: "link" });
      // Not the URL: the browser is about to follow it. The kernel sends another one.
      waitFor("link", { popup: null, linkFollowed: true, tenantLogoutBlocked: false });
    },
    showPopup: () => held?.popup.show(),
    useCallbackPage() {
      send({ type: "use_callback_page", page: id });
      waitFor("window");
    },
    useCode() {
      // A window that only seems to be closed may still get a response: go on listening.
      send({ type: "use_code", page: id });
      waitFor("code");
    },
    cancel() {
      closeWindow();
      send({ type: "cancel_login", page: id });
      waitFor("window", { popup: null });
    },
    logout() {
      const url = ready?.logout_url ?? null;
      const tenantLogoutBlocked =
        url !== null && !(origin && open.endTenantSession(url, origin, signal));
      // Whatever becomes of the tenant's session: the one here ends now.
      send({ type: "log_out", page: id });
      waitFor("logout", { tenantLogoutBlocked });
    },
  };
}
