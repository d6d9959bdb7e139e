/**
 * What one widget does in one page: the state machine between the kernel, the login window and the
 * record store. It knows no DOM; the cards draw its snapshots and call its actions.
 */

import type { endTenantSession } from "./leave";
import type { Answer, Failure, Ready, Show, State, StoreFailure, ToKernel } from "./messages";
import { parseToPage } from "./messages";
import type { openPopup, Popup } from "./popup";
import type { openStore, RecordStore } from "./storage";

/** A kernel that is not busy answers in milliseconds; after this long the card says it is waiting. */
export const PATIENCE_MS = 5000;
/** A kernel that is busy for hours should not find thousands of greetings when it is free again. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * What the page waits for the kernel to do: greet, restore, take note of what became of the
 * window, check a login, fetch a code, log out, nothing.
 */
export type Pending = "hello" | "restore" | "window" | "answer" | "code" | "logout" | null;

export interface Snapshot {
  /** The kernel's last word; null until it has said one. */
  readonly kernel: State | null;
  readonly pending: Pending;
  /** The kernel has been silent about what is pending for longer than it should be. */
  readonly silent: boolean;
  /** Our login window is open, as far as we can tell. */
  readonly popup: boolean;
  /** A fresh authorize URL is here, so a click can open the window at once. */
  readonly canLogin: boolean;
  /** Why the record could not be saved in this browser; null when it was, or never had to be. */
  readonly unsaved: StoreFailure | null;
  /** The browser did not let us open the window that ends the tenant's own session. */
  readonly stayed: boolean;
  readonly show: Show;
}

export interface Page {
  snapshot(): Snapshot;
  /** Calls back after every change, until the signal aborts. */
  subscribe(changed: () => void, signal: AbortSignal): void;
  /** Takes a custom message from the kernel. */
  receive(message: unknown): void;
  /** Says hello to the kernel, unless it has already answered. */
  greet(): void;
  /** Asks the kernel whether it is still there, unless something is pending that will tell. */
  ask(): void;
  /** Opens the login window. Call it in the click handler itself. */
  login(): void;
  showPopup(): void;
  /** Asks the kernel for a code, to log in without a window here (RFC 8628). */
  useCode(): void;
  /** Gives up the login that is under way, also one whose window this page does not have. */
  cancel(): void;
  /** Logs out here, and at the tenant where that is wanted. Call it in the click handler itself. */
  logout(): void;
}

export interface Surroundings {
  /** This page's id and origin, as the kernel will know them. */
  readonly id: string;
  readonly origin: string;
  /** Where its server serves the callback page, if it does. */
  readonly callback: string | undefined;
  readonly send: (message: ToKernel) => void;
  readonly openPopup: typeof openPopup;
  readonly openStore: typeof openStore;
  readonly endTenantSession: typeof endTenantSession;
  /** Ends everything: timers, listeners, the login window. */
  readonly signal: AbortSignal;
}

export function createPage({ id, origin, callback, send, signal, ...open }: Surroundings): Page {
  let snapshot: Snapshot = {
    kernel: null,
    pending: "hello",
    silent: false,
    popup: false,
    canLogin: false,
    unsaved: null,
    stayed: false,
    show: "card",
  };
  const listeners = new Set<() => void>();
  let patience: ReturnType<typeof setTimeout> | undefined;
  let ready: Ready | null = null;
  let store: RecordStore | null = null;
  let watching = new AbortController();
  let popup: Popup | null = null;

  function update(change: Partial<Snapshot>): void {
    snapshot = { ...snapshot, ...change };
    for (const listener of [...listeners]) listener();
  }

  /** Notes what the kernel now has to do, and starts to count how long it takes. */
  function expect(pending: Pending, change: Partial<Snapshot> = {}): void {
    clearTimeout(patience);
    if (pending !== null) patience = setTimeout(runOut, PATIENCE_MS, PATIENCE_MS);
    update({ silent: false, ...change, pending });
  }

  function runOut(waited: number): void {
    update({ silent: true });
    // A new hello begins a new login, so it must not overtake an answer that is being checked.
    if (snapshot.pending === "answer") return;
    hello();
    const pause = Math.min(2 * waited, LONGEST_PAUSE_MS);
    patience = setTimeout(runOut, pause, pause);
  }

  function hello(): void {
    send({ type: "hello", page: id, origin, callback });
  }

  function tellRecord(record: string | null): void {
    send({ type: "record", page: id, record });
  }

  function onReady(message: Ready): void {
    if (store === null || message.key !== ready?.key || message.storage !== ready.storage) {
      watching.abort();
      watching = new AbortController();
      store = open.openStore(message.storage, message.key);
      store.watch(tellRecord, watching.signal);
    }
    ready = message;
    const change = { canLogin: true, show: message.show };
    if (snapshot.pending === "hello") expect(snapshot.kernel ? null : "restore", change);
    else update(change);
    tellRecord(store.read());
  }

  function onState(message: State): void {
    // Logged in, this page holds the card, and no cell asks for more: nothing is left to do.
    const done = message.status === "authenticated" && message.card && !message.waiting;
    if (done) closePopup();
    let pending: Pending = null;
    // The kernel may say "logging_in" for our click when what becomes of it is on its way.
    const overtaken =
      snapshot.pending === "answer" ||
      (snapshot.pending === "code" && !message.device) ||
      (snapshot.pending === "window" && !snapshot.popup);
    // With a problem it says what became of it, while another page's login is under way.
    if (message.status === "logging_in" && overtaken && !message.problem)
      pending = snapshot.pending;
    // Without a fresh URL the Log in button is dead: wait for one, and in the end ask for it.
    else if (!snapshot.canLogin && !done) pending = "hello";
    expect(pending, {
      kernel: message,
      popup: popup !== null && snapshot.popup,
      stayed: snapshot.stayed && message.status === "logged_out",
    });
  }

  function onStore(record: string): void {
    if (store === null) return;
    const reason = store.write(record);
    send({ type: "stored", page: id, ok: reason === null, reason });
    update({ unsaved: reason });
  }

  function closePopup(): void {
    popup?.close();
    popup = null;
  }

  function answered(response: Answer): void {
    popup = null;
    send({ type: "answer", page: id, response });
    // The state in the URL is used up; the kernel follows with a fresh one.
    expect("answer", { popup: false, canLogin: false });
  }

  function closed(): void {
    if (ready?.callback === "page") {
      // That proves nothing here: it may have been cut off from us, and answer all the same. So
      // this login goes on, and the URL of another is fetched, to offer both.
      hello();
      expect("hello", { popup: false });
    } else failed("popup_closed");
  }

  function failed(reason: Failure): void {
    send({ type: "failed", page: id, reason });
    expect("window", { popup: false });
  }

  signal.addEventListener("abort", () => {
    clearTimeout(patience);
    watching.abort();
    closePopup();
    listeners.clear();
  });

  return {
    snapshot: () => snapshot,
    subscribe(changed, until) {
      listeners.add(changed);
      until.addEventListener("abort", () => listeners.delete(changed));
    },
    receive(message) {
      // Every page on the kernel hears every message; what is for another page is not ours to judge.
      const to = (Object(message) as { to?: unknown }).to;
      if (typeof to === "string" && to !== id) return;
      const parsed = parseToPage(message);
      if (parsed === null) console.debug("auth0-widget: dropped a malformed message");
      else if (parsed.type === "ready") onReady(parsed);
      else if (parsed.type === "state") onState(parsed);
      else if (parsed.type === "store") onStore(parsed.record);
      // "code" is for the loader (loader.ts): another widget of this page has asked as well.
    },
    greet() {
      if (snapshot.pending !== "hello") return;
      hello();
      expect("hello", { silent: snapshot.silent });
    },
    ask() {
      if (snapshot.pending !== null) return;
      hello();
      expect("hello");
    },
    login() {
      if (ready === null || !snapshot.canLogin) return;
      closePopup();
      popup = open.openPopup(ready, { answered, closed });
      send({ type: "start", page: id });
      if (popup === null) failed("popup_blocked");
      else expect("window", { popup: true, stayed: false });
    },
    showPopup: () => popup?.show(),
    useCode() {
      // A window that only seems to be closed may still answer: it is listened to as before.
      send({ type: "use_code", page: id });
      expect("code");
    },
    cancel() {
      closePopup();
      failed("cancelled");
    },
    logout() {
      const url = ready?.logout_url ?? null;
      const stayed = url !== null && !open.endTenantSession(url, origin, signal);
      // Whatever becomes of the tenant's session: the one here ends now.
      send({ type: "logout", page: id });
      expect("logout", { stayed });
    },
  };
}
