/** What a page shows and sends. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ResponseParameters, ToKernel } from "../src/messages";
import type { Page, PageEnvironment } from "../src/page";
import { createPage } from "../src/page";
import type { PopupHandlers } from "../src/popup";
import type { RecordStore } from "../src/storage";
import {
  ADA,
  BLOCKED,
  CLOSED,
  CODE,
  KEY,
  PAGE,
  ready,
  state,
  store,
  TENANT,
  types,
} from "./kernel";

const ORIGIN = "http://localhost:8888";
const ABLE = { origin: ORIGIN, window: true, message: true, link: true, storage: true };
const CALLBACK = "http://localhost:8888/auth0-widget/callback";

let sent: ToKernel[];
let life: AbortController;
let page: Page;
let popupHandlers: PopupHandlers[];
const CHANNEL = "mC8cJ5ajQ0qdpBf1hOo3Vw";
const popup = {
  show: vi.fn(),
  close: vi.fn(),
  release: vi.fn(),
  setHandlers: vi.fn<(handlers: PopupHandlers) => void>(),
  channel: CHANNEL,
  viaCallbackPage: false,
};
const openPopup = vi.fn();
const openStore = vi.fn();
const endTenantSession = vi.fn();
const logInSilently = vi.fn<PageEnvironment["logInSilently"]>();
const listen = vi.fn<(names: readonly string[]) => void>();
let heard: (response: ResponseParameters) => void;
let records: { read: ReturnType<typeof vi.fn<RecordStore["read"]>> } & RecordStore;
let write: ReturnType<typeof vi.fn<RecordStore["write"]>>;
let elsewhere: ((record: string | null) => void)[];

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  popupHandlers = [];
  elsewhere = [];
  life = new AbortController();
  popup.viaCallbackPage = false;
  for (const mock of [
    popup.show,
    popup.close,
    popup.release,
    popup.setHandlers,
    listen,
    openPopup,
    openStore,
    endTenantSession,
    logInSilently,
  ])
    mock.mockReset();
  write = vi.fn<RecordStore["write"]>(() => null);
  records = {
    read: vi.fn<RecordStore["read"]>(() => "saved"),
    write,
    watch: (changed, signal) => {
      elsewhere.push(changed);
      signal.addEventListener("abort", () => elsewhere.splice(elsewhere.indexOf(changed), 1));
    },
  };
  openStore.mockImplementation(() => records);
  openPopup.mockImplementation((_ready, handlers) => {
    popupHandlers.push(handlers);
    return popup;
  });
  page = newPage({});
});

function newPage(change: Partial<PageEnvironment>): Page {
  return createPage({
    id: PAGE,
    abilities: ABLE,
    callbackPageUrl: CALLBACK,
    peer: "kernel",
    send: (message) => sent.push(message),
    openPopup,
    openStore,
    endTenantSession,
    logInSilently,
    openChannels: (received) => {
      heard = received;
      return { listen };
    },
    signal: life.signal,
    ...change,
  });
}

afterEach(() => {
  life.abort();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** The kernel has replied to the hello. What was sent until then is removed from `sent`. */
function connected(): void {
  page.sayHello();
  page.receive(ready());
  page.receive(state());
  sent.length = 0;
}

/** The same, with the login window open. */
function loggingIn(): void {
  connected();
  page.openWindow();
  page.receive(state({ status: "logging_in" }));
  sent.length = 0;
}

const RESPONSE = { code: "c", state: "s" };

it("logs in silently when the kernel asks, and passes the response on", () => {
  const url = `${TENANT}/authorize?prompt=none`;
  page.receive({ type: "silent", to: PAGE, tenant: TENANT, url });
  const [asked, responded, signal] = logInSilently.mock.calls[0] ?? [];
  expect(asked?.url).toBe(url);
  expect(signal).toBe(life.signal);
  sent = [];
  responded?.({ code: "c", state: "s" });
  expect(sent).toEqual([
    { type: "authorization_response", page: PAGE, response: { code: "c", state: "s" } },
  ]);
  expect(page.snapshot().pending).toBe("hello");
});

it("logs in silently for no other page, and nowhere but at the tenant", () => {
  const url = `${TENANT}/authorize?prompt=none`;
  page.receive({ type: "silent", to: "p-another1234567890", tenant: TENANT, url });
  page.receive({ type: "silent", to: PAGE, tenant: TENANT, url: "https://evil.example/authorize" });
  expect(logInSilently).not.toHaveBeenCalled();
});

describe("hello", () => {
  it("names the page, what it can do and its callback page", () => {
    page.sayHello();
    expect(sent).toEqual([{ type: "hello", page: PAGE, ...ABLE, callback_page: CALLBACK }]);
  });

  it("reads no storage before the kernel asks", () => {
    page.sayHello();
    page.receive(store("forced"));
    vi.advanceTimersByTime(60_000);
    expect(openStore).not.toHaveBeenCalled();
  });

  it("is said again after five seconds and then ever more rarely, until the kernel replies", () => {
    page.sayHello();
    vi.advanceTimersByTime(4999);
    expect(sent).toHaveLength(1);
    expect(page.snapshot().kernelSilent).toBe(false);
    vi.advanceTimersByTime(1);
    expect(sent).toHaveLength(2);
    expect(page.snapshot().kernelSilent).toBe(true);
    vi.advanceTimersByTime(9999);
    expect(sent).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(sent).toHaveLength(3);
    vi.advanceTimersByTime(3_600_000);
    const inAnHour = sent.length;
    expect(inAnHour).toBeGreaterThan(60);
    expect(inAnHour).toBeLessThan(66);
    page.receive(ready());
    page.receive(state());
    expect(page.snapshot()).toMatchObject({ pending: null, kernelSilent: false, canLogin: true });
    sent.length = 0;
    vi.advanceTimersByTime(60_000);
    expect(sent).toEqual([]);
  });

  it("is said when the page is looked at again, unless the kernel has replied", () => {
    page.sayHello();
    page.sayHello();
    expect(types(sent)).toEqual(["hello", "hello"]);
    connected();
    page.sayHello();
    expect(sent).toEqual([]);
  });
});

describe("asking whether the kernel is still there", () => {
  it("says hello, and silence is noticed", () => {
    connected();
    page.checkKernel();
    expect(types(sent)).toEqual(["hello"]);
    expect(page.snapshot().kernelSilent).toBe(false);
    vi.advanceTimersByTime(5000);
    expect(page.snapshot().kernelSilent).toBe(true);
    page.receive(ready());
    expect(page.snapshot()).toMatchObject({ kernelSilent: false, pending: null });
  });

  it("waits for what is pending anyway", () => {
    connected();
    page.logout();
    page.checkKernel();
    expect(types(sent)).toEqual(["log_out"]);
    expect(page.snapshot().pending).toBe("logout");
  });
});

describe("ready", () => {
  it("makes the page tell its record, every time", () => {
    page.sayHello();
    page.receive(ready());
    expect(openStore).toHaveBeenCalledExactlyOnceWith("local", KEY);
    expect(sent.at(-1)).toEqual({ type: "stored_record", page: PAGE, record: "saved" });
    records.read.mockReturnValue(null);
    page.receive(ready());
    expect(sent.at(-1)).toEqual({ type: "stored_record", page: PAGE, record: null });
    expect(openStore).toHaveBeenCalledOnce();
  });

  it("moves to another store when the kernel names one, and leaves the first alone", () => {
    connected();
    page.receive(ready({ storage: "session" }));
    expect(openStore).toHaveBeenLastCalledWith("session", KEY);
    expect(elsewhere).toHaveLength(1);
  });

  it("leaves the card waiting until the kernel has verified the record", () => {
    page.sayHello();
    page.receive(ready());
    expect(page.snapshot()).toMatchObject({ pending: "record", kernel: null, kernelSilent: false });
    vi.advanceTimersByTime(5000);
    expect(types(sent)).toEqual(["hello", "stored_record", "hello"]);
    expect(page.snapshot().kernelSilent).toBe(false);
    vi.advanceTimersByTime(5000);
    expect(page.snapshot().kernelSilent).toBe(true);
  });

  it("says that the kernel asks the tenant about the record, when it replies to another hello", () => {
    page.sayHello();
    page.receive(ready());
    vi.advanceTimersByTime(5000);
    page.receive(ready());
    vi.advanceTimersByTime(60_000);
    expect(page.snapshot()).toMatchObject({
      pending: "record",
      waitingForTenant: true,
      kernelSilent: false,
    });
    page.receive(state());
    expect(page.snapshot()).toMatchObject({ pending: null, waitingForTenant: false });
  });

  it.each([
    ["state first", () => [state(), ready()]],
    ["ready first", () => [ready(), state()]],
  ])("comes before or after the state: %s", (_, messages) => {
    page.sayHello();
    for (const message of messages()) page.receive(message);
    expect(page.snapshot()).toMatchObject({ pending: null, canLogin: true });
  });
});

describe("messages that are not for us", () => {
  it.each([
    ready({ to: "p-another" }),
    state({ to: "p-another", status: "authenticated", card: ADA }),
    store("theirs", "p-another"),
    { type: "nonsense", to: "p-another" },
  ])("are ignored without a word: %#", (message) => {
    connected();
    const debug = vi.spyOn(console, "debug");
    const before = page.snapshot();
    page.receive(message);
    expect(page.snapshot()).toBe(before);
    expect(sent).toEqual([]);
    expect(write).not.toHaveBeenCalled();
    expect(debug).not.toHaveBeenCalled();
  });

  it.each([null, "ready", 7, {}, { type: "secret-type", to: PAGE, code: "secret-code" }])(
    "are dropped when malformed, with a line that holds nothing of them: %j",
    (message) => {
      connected();
      const debug = vi.spyOn(console, "debug").mockImplementation(() => {});
      const before = page.snapshot();
      page.receive(message);
      expect(page.snapshot()).toBe(before);
      expect(debug.mock.calls).toEqual([["auth0-widget: dropped a malformed message"]]);
    },
  );

  it("do not open a login window anywhere but at the tenant", () => {
    vi.spyOn(console, "debug").mockImplementation(() => {});
    page.sayHello();
    page.receive(ready({ authorize_url: "https://evil.example/authorize" }));
    page.openWindow();
    expect(openPopup).not.toHaveBeenCalled();
  });
});

describe("a login", () => {
  it("opens the authorize URL in the click itself and tells the kernel", () => {
    connected();
    page.openWindow();
    expect(openPopup.mock.calls[0]?.[0]).toEqual(ready());
    expect(sent).toEqual([{ type: "login_started", page: PAGE, way: "window" }]);
    expect(page.snapshot().popup).toBe("open");
  });

  it("cannot begin before the kernel is ready", () => {
    page.sayHello();
    page.openWindow();
    expect(openPopup).not.toHaveBeenCalled();
    expect(types(sent)).toEqual(["hello"]);
  });

  it("passes the response on, and its URL is not used again: the kernel sends a new one", () => {
    loggingIn();
    popupHandlers[0]?.responded(RESPONSE);
    expect(sent).toEqual([{ type: "authorization_response", page: PAGE, response: RESPONSE }]);
    expect(page.snapshot()).toMatchObject({ pending: "response", popup: null, canLogin: false });
    page.openWindow();
    expect(openPopup).toHaveBeenCalledOnce();
    page.receive(ready({ authorize_url: `${TENANT}/authorize?state=2` }));
    page.openWindow();
    expect(openPopup.mock.lastCall?.[0].authorize_url).toBe(`${TENANT}/authorize?state=2`);
  });

  it("changes the card only if the kernel does not check the response at once", () => {
    loggingIn();
    const drawn = vi.fn();
    page.subscribe(drawn, life.signal);
    popupHandlers[0]?.responded(RESPONSE);
    page.receive(ready());
    expect(drawn).not.toHaveBeenCalled();
    vi.advanceTimersByTime(150);
    expect(drawn).toHaveBeenCalledOnce();
    page.receive(ready());
    expect(drawn).toHaveBeenCalledTimes(2);
  });

  it("draws the card at once when the kernel has checked the response", () => {
    loggingIn();
    const drawn = vi.fn();
    page.subscribe(drawn, life.signal);
    popupHandlers[0]?.responded(RESPONSE);
    page.receive(state({ status: "authenticated", card: ADA }));
    expect(drawn).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(150);
    expect(drawn).toHaveBeenCalledOnce();
  });

  it("stays pending when a busy kernel says logging_in after the response has been sent", () => {
    connected();
    page.openWindow();
    popupHandlers[0]?.responded(RESPONSE);
    vi.advanceTimersByTime(5000);
    expect(page.snapshot().kernelSilent).toBe(true);
    page.receive(state({ status: "logging_in" }));
    expect(page.snapshot()).toMatchObject({ pending: "response", kernelSilent: false });
    page.receive(state({ status: "authenticated", card: ADA }));
    expect(page.snapshot().pending).toBeNull();
    // No new hello in between: it would begin another login.
    expect(types(sent)).toEqual(["login_started", "authorization_response"]);
  });

  it.each(["response", "window"])(
    "is over at the kernel's word, also while another page logs in (%s)",
    (what) => {
      loggingIn();
      if (what === "response") popupHandlers[0]?.responded(RESPONSE);
      else popupHandlers[0]?.closed();
      page.receive(ready());
      expect(page.snapshot().pending).toBe(what);
      page.receive(state({ status: "logging_in", problem: BLOCKED }));
      expect(page.snapshot().pending).toBeNull();
    },
  );

  it("asks for a new URL when the kernel has replied without one", () => {
    loggingIn();
    popupHandlers[0]?.responded(RESPONSE);
    page.receive(state({ status: "error", problem: BLOCKED }));
    expect(page.snapshot().pending).toBe("hello");
    sent.length = 0;
    vi.advanceTimersByTime(5000);
    expect(types(sent)).toEqual(["hello"]);
  });

  it("that is blocked says so, and can be tried again at once", () => {
    connected();
    openPopup.mockReturnValueOnce(null);
    page.openWindow();
    expect(sent).toEqual([
      { type: "login_started", page: PAGE, way: "window" },
      { type: "window_blocked", page: PAGE },
    ]);
    expect(page.snapshot()).toMatchObject({ popup: null, canLogin: true });
    page.openWindow();
    expect(page.snapshot().popup).toBe("open");
  });

  it.each(["message", "page"] as const)(
    "whose window reads closed goes on: another can begin, and a late response counts (%s)",
    (callback) => {
      connected();
      page.receive(ready({ callback }));
      page.openWindow();
      page.receive(state({ status: "logging_in" }));
      sent.length = 0;
      popupHandlers[0]?.closed();
      expect(sent).toEqual([{ type: "window_closed", page: PAGE }]);
      page.receive(ready({ callback, authorize_url: `${TENANT}/authorize?state=2` }));
      expect(page.snapshot()).toMatchObject({ pending: "window", popup: "closed" });
      page.receive(state({ status: "logging_in", problem: CLOSED }));
      expect(page.snapshot()).toMatchObject({ pending: null, popup: "closed", canLogin: true });
      expect(popup.close).not.toHaveBeenCalled();
      popupHandlers[0]?.responded(RESPONSE);
      expect(sent.at(-1)).toEqual({
        type: "authorization_response",
        page: PAGE,
        response: RESPONSE,
      });
    },
  );

  it("whose window was cut off can be had through the callback page instead", () => {
    loggingIn();
    expect(page.snapshot()).toMatchObject({ callbackPage: true, viaCallbackPage: false });
    popupHandlers[0]?.closed();
    page.receive(state({ status: "logging_in", problem: CLOSED }));
    page.useCallbackPage();
    expect(sent.at(-1)).toEqual({ type: "use_callback_page", page: PAGE });
    page.receive(ready({ callback: "page", authorize_url: `${TENANT}/authorize?state=2` }));
    page.receive(state({ status: "logging_in", problem: CLOSED }));
    expect(page.snapshot()).toMatchObject({ callbackPage: false, viaCallbackPage: true });
    page.openWindow();
    expect(popup.close).toHaveBeenCalledOnce();
    expect(openPopup.mock.lastCall?.[0]).toMatchObject({ callback: "page" });
  });

  it("cannot be had through a callback page that the server does not serve", () => {
    page = newPage({ callbackPageUrl: null });
    loggingIn();
    expect(page.snapshot().callbackPage).toBe(false);
  });

  it("shows in the other widgets of this page, and in no other login's", () => {
    connected();
    const other = newPage({});
    const another = newPage({});
    for (const [each, key] of [
      [other, KEY],
      [another, "auth0-widget:another"],
    ] as const) {
      each.receive(ready({ key }));
    }
    page.openWindow();
    for (const each of [other, another])
      each.receive(state({ status: "logging_in", started_by: "this_page" }));
    expect(other.snapshot().popup).toBe("in_page");
    expect(another.snapshot().popup).toBeNull();
    page.cancel();
    other.receive(state({ status: "logging_in", started_by: "another_page" }));
    expect(other.snapshot().popup).toBeNull();
  });

  it("shows in the other widgets that its window reads closed, and that it is gone", () => {
    connected();
    const other = newPage({});
    const drawn = vi.fn();
    other.subscribe(drawn, life.signal);
    other.receive(ready());
    page.openWindow();
    other.receive(state({ status: "logging_in", started_by: "this_page" }));
    expect(other.snapshot().popup).toBe("in_page");
    drawn.mockReset();
    popupHandlers[0]?.closed();
    expect(other.snapshot().popup).toBe("in_page_closed");
    popupHandlers[0]?.responded(RESPONSE);
    expect(other.snapshot().popup).toBeNull();
    expect(drawn).toHaveBeenCalledTimes(2);
  });

  it("goes on in the widget that takes this one's place when its notebook is open again", () => {
    connected();
    page.openWindow();
    // What its notebook leaves behind when it is closed is not told, and cannot send any more.
    const received: ToKernel[] = [];
    const again = newPage({ send: (message) => received.push(message) });
    again.receive(ready());
    again.receive(state({ status: "logging_in", started_by: "this_page", window: CHANNEL }));
    expect(again.snapshot().popup).toBe("open");
    expect(page.snapshot().popup).toBe("in_page");
    const [handlers] = popup.setHandlers.mock.lastCall ?? [];
    handlers?.closed();
    expect(again.snapshot().popup).toBe("closed");
    again.receive(state({ status: "logging_in", window: CHANNEL, problem: CLOSED }));
    again.showPopup();
    expect(popup.show).toHaveBeenCalledOnce();
    handlers?.responded(RESPONSE);
    expect(types(received)).toEqual(["stored_record", "window_closed", "authorization_response"]);
    expect(again.snapshot()).toMatchObject({ pending: "response", popup: null });
    expect(page.snapshot().popup).toBeNull();
  });

  it("whose window was closed before another widget took it over is still reported as closed", () => {
    connected();
    page.openWindow();
    popupHandlers[0]?.closed();
    sent = [];
    newPage({}).receive(state({ status: "logging_in", window: CHANNEL }));
    expect(types(sent)).toEqual(["window_closed"]);
  });

  it("is not taken over by a widget that has not begun it", () => {
    connected();
    page.openWindow();
    const other = newPage({});
    other.receive(ready());
    other.receive(state({ status: "logging_in", window: "nC8cJ5ajQ0qdpBf1hOo3Vw" }));
    expect(popup.setHandlers).not.toHaveBeenCalled();
    other.cancel();
    expect(popup.close).not.toHaveBeenCalled();
    expect(page.snapshot().popup).toBe("open");
  });

  it.each([
    ["a login that is checked", "response"],
    ["a code that is fetched", "code"],
  ] as const)("is not told as a silent kernel while the tenant is slow: %s", (_, pending) => {
    loggingIn();
    if (pending === "response") popupHandlers[0]?.responded(RESPONSE);
    else page.useCode();
    page.receive(ready());
    vi.advanceTimersByTime(60_000);
    expect(page.snapshot()).toMatchObject({ pending, waitingForTenant: true, kernelSilent: false });
    page.receive(state({ status: "logging_in" }));
    vi.advanceTimersByTime(60_000);
    expect(page.snapshot()).toMatchObject({ pending, waitingForTenant: true, kernelSilent: false });
    page.cancel();
    page.receive(state({ status: "error", problem: BLOCKED }));
    expect(page.snapshot()).toMatchObject({ pending: null, waitingForTenant: false });
  });

  it("of another page or widget is heard through the callback page and passed on", () => {
    connected();
    page.receive(state({ status: "logging_in", channels: [CHANNEL] }));
    expect(listen).toHaveBeenLastCalledWith([CHANNEL]);
    heard(RESPONSE);
    expect(sent.at(-1)).toEqual({ type: "authorization_response", page: PAGE, response: RESPONSE });
    page.receive(state({ channels: [] }));
    expect(listen).toHaveBeenLastCalledWith([]);
  });

  it("of its own is not heard twice", () => {
    connected();
    page.openWindow();
    page.receive(state({ status: "logging_in", channels: [CHANNEL] }));
    expect(listen).toHaveBeenLastCalledWith([]);
  });

  it("whose response any page may hear keeps its window when the widget is taken away", () => {
    connected();
    popup.viaCallbackPage = true;
    page.openWindow();
    life.abort();
    expect(popup.release).toHaveBeenCalledOnce();
    expect(popup.close).not.toHaveBeenCalled();
  });

  it("that is cancelled closes its window and says so", () => {
    loggingIn();
    page.cancel();
    expect(popup.close).toHaveBeenCalledOnce();
    expect(sent).toEqual([{ type: "cancel_login", page: PAGE }]);
    expect(page.snapshot().popup).toBeNull();
  });

  it("that was begun elsewhere, or here before a refresh, can be cancelled", () => {
    connected();
    page.receive(state({ status: "logging_in" }));
    page.cancel();
    expect(sent).toEqual([{ type: "cancel_login", page: PAGE }]);
  });

  it("to which the kernel does not reply shows that the kernel is silent, beside the open window", () => {
    connected();
    page.openWindow();
    vi.advanceTimersByTime(5000);
    expect(page.snapshot()).toMatchObject({ popup: "open", kernelSilent: true });
    page.receive(state({ status: "logging_in" }));
    expect(page.snapshot()).toMatchObject({ popup: "open", kernelSilent: false });
  });

  it("whose window was blocked stays pending until the kernel sends that problem", () => {
    connected();
    openPopup.mockReturnValueOnce(null);
    page.openWindow();
    page.receive(state({ status: "logging_in" }));
    expect(page.snapshot().pending).toBe("window");
    page.receive(state({ status: "error", problem: BLOCKED }));
    expect(page.snapshot().pending).toBeNull();
  });

  it("that is begun again gives up the window before", () => {
    loggingIn();
    popupHandlers[0]?.closed();
    page.openWindow();
    expect(popup.close).toHaveBeenCalledOnce();
    expect(popupHandlers).toHaveLength(2);
  });

  it("that succeeded elsewhere closes our window", () => {
    loggingIn();
    page.receive(state({ status: "authenticated", card: ADA }));
    expect(popup.close).toHaveBeenCalledOnce();
    expect(page.snapshot().popup).toBeNull();
  });

  it("goes on while a cell asks for a session that lasts longer", () => {
    connected();
    page.receive(state({ status: "authenticated", card: ADA, waiting: true }));
    page.openWindow();
    page.receive(state({ status: "authenticated", card: ADA, waiting: true }));
    expect(popup.close).not.toHaveBeenCalled();
    expect(page.snapshot().popup).toBe("open");
    page.receive(state({ status: "authenticated", card: ADA }));
    expect(popup.close).toHaveBeenCalledOnce();
  });

  it("goes on beside a session that another page opened", () => {
    loggingIn();
    page.receive(state({ status: "authenticated", card: null }));
    expect(popup.close).not.toHaveBeenCalled();
    expect(page.snapshot().popup).toBe("open");
  });

  it("can bring its window to the front", () => {
    loggingIn();
    page.showPopup();
    expect(popup.show).toHaveBeenCalledOnce();
  });
});

describe("a login by a code", () => {
  function failed(): void {
    loggingIn();
    popupHandlers[0]?.closed();
    page.receive(state({ status: "error", problem: BLOCKED }));
    sent.length = 0;
  }

  it("asks the kernel, and waits until the code is there", () => {
    failed();
    page.useCode();
    expect(sent).toEqual([{ type: "use_code", page: PAGE }]);
    page.receive(state({ status: "logging_in" }));
    expect(page.snapshot().pending).toBe("code");
    page.receive(state({ status: "logging_in", device: CODE }));
    expect(page.snapshot()).toMatchObject({ pending: null, kernel: { device: CODE } });
  });

  it("that the tenant refuses is no longer waited for", () => {
    failed();
    page.useCode();
    page.receive(state({ status: "logging_in" }));
    page.receive(state({ status: "error", problem: BLOCKED }));
    expect(page.snapshot().pending).toBeNull();
  });

  it("opens nothing, and goes on listening to a window that only seems to be closed", () => {
    failed();
    page.useCode();
    page.receive(state({ status: "logging_in", device: CODE }));
    expect(openPopup).toHaveBeenCalledOnce();
    expect(popup.close).not.toHaveBeenCalled();
    popupHandlers[0]?.responded(RESPONSE);
    expect(sent.at(-1)).toEqual({ type: "authorization_response", page: PAGE, response: RESPONSE });
  });

  it("can be cancelled", () => {
    failed();
    page.useCode();
    page.receive(state({ status: "logging_in", device: CODE }));
    page.cancel();
    expect(sent.at(-1)).toEqual({ type: "cancel_login", page: PAGE });
  });
});

describe("the record", () => {
  it("is stored when the kernel says so, and the kernel learns that it was", () => {
    connected();
    page.receive(store("r1"));
    expect(write).toHaveBeenCalledExactlyOnceWith("r1");
    expect(sent).toEqual([{ type: "store_result", page: PAGE, ok: true, reason: null }]);
    expect(page.snapshot().storageFailure).toBeNull();
  });

  it.each(["denied", "full"] as const)("that cannot be stored is reported: %s", (reason) => {
    connected();
    write.mockReturnValueOnce(reason);
    page.receive(store("r1"));
    expect(sent).toEqual([{ type: "store_result", page: PAGE, ok: false, reason }]);
    expect(page.snapshot().storageFailure).toBe(reason);
    page.receive(store("r2"));
    expect(page.snapshot().storageFailure).toBeNull();
  });

  it("is sent again when it changes elsewhere", () => {
    connected();
    elsewhere[0]?.("theirs");
    expect(sent).toEqual([{ type: "stored_record", page: PAGE, record: "theirs" }]);
  });
});

describe("a logout", () => {
  it("is the kernel's to carry out; the page waits for its word", () => {
    connected();
    page.receive(state({ status: "authenticated", card: ADA }));
    page.logout();
    expect(sent).toEqual([{ type: "log_out", page: PAGE }]);
    expect(page.snapshot().pending).toBe("logout");
    page.receive(state());
    expect(page.snapshot().pending).toBeNull();
  });

  it("to which the kernel does not reply is followed by a hello, and not sent twice", () => {
    connected();
    page.logout();
    vi.advanceTimersByTime(5000);
    expect(page.snapshot().kernelSilent).toBe(true);
    expect(types(sent)).toEqual(["log_out", "hello"]);
    page.receive(ready());
    page.receive(state());
    expect(page.snapshot()).toMatchObject({ pending: null, kernelSilent: false });
  });
});

describe("a logout that ends the tenant's own session too", () => {
  const url = `${TENANT}/v2/logout?client_id=x&returnTo=${encodeURIComponent(ORIGIN)}`;

  it.each([
    ["opens its window in the click itself", true],
    ["is one here all the same when its window was blocked, and says so", false],
  ])("%s", (_, opened) => {
    page.sayHello();
    page.receive(ready({ logout_url: url }));
    page.receive(state({ status: "authenticated", card: ADA }));
    endTenantSession.mockReturnValue(opened);
    page.logout();
    expect(endTenantSession).toHaveBeenCalledExactlyOnceWith(url, ORIGIN, life.signal);
    expect(sent.at(-1)?.type).toBe("log_out");
    page.receive(state());
    expect(page.snapshot().tenantLogoutBlocked).toBe(!opened);
    page.openWindow();
    expect(page.snapshot().tenantLogoutBlocked).toBe(false);
  });

  it("is not asked for otherwise", () => {
    connected();
    page.logout();
    expect(endTenantSession).not.toHaveBeenCalled();
  });
});

describe("views", () => {
  it("hear of every change until they are gone", () => {
    const view = new AbortController();
    const changed = vi.fn();
    page.subscribe(changed, view.signal);
    connected();
    expect(changed).toHaveBeenCalled();
    view.abort();
    changed.mockClear();
    page.receive(state({ status: "expired" }));
    expect(changed).not.toHaveBeenCalled();
  });
});

describe("the end", () => {
  it("leaves no window, timer or listener", () => {
    loggingIn();
    const changed = vi.fn();
    page.subscribe(changed, new AbortController().signal);
    page.logout();
    changed.mockClear();
    expect(vi.getTimerCount()).toBe(1);
    life.abort();
    expect(vi.getTimerCount()).toBe(0);
    expect(popup.close).toHaveBeenCalledOnce();
    expect(elsewhere).toEqual([]);
    page.receive(state());
    expect(changed).not.toHaveBeenCalled();
  });
});

describe("a link", () => {
  const LINK = `${TENANT}/authorize?state=2`;

  beforeEach(() => {
    page.sayHello();
    page.receive(
      ready({ way: "link", why: "No window here.", link_url: LINK, authorize_url: null }),
    );
    page.receive(state());
    sent.length = 0;
  });

  it("is what the kernel says, and why", () => {
    expect(page.snapshot()).toMatchObject({
      ...{ way: "link", why: "No window here.", linkUrl: LINK, hasWindow: false, pending: null },
    });
  });

  it("is followed until the login is over, and the next one is another", () => {
    page.followLink();
    expect(sent).toEqual([{ type: "login_started", page: PAGE, way: "link" }]);
    expect(page.snapshot()).toMatchObject({ linkFollowed: true, linkUrl: LINK, pending: "link" });
    page.receive(state({ status: "logging_in" }));
    page.receive(ready({ way: "link", link_url: `${LINK}3` }));
    expect(page.snapshot()).toMatchObject({
      linkFollowed: true,
      linkUrl: `${LINK}3`,
      pending: null,
    });
    page.receive(state({ status: "authenticated", card: ADA }));
    expect(page.snapshot().linkFollowed).toBe(false);
  });

  it("that the kernel could not take says why", () => {
    page.followLink();
    page.receive(state({ status: "error", problem: BLOCKED }));
    expect(page.snapshot()).toMatchObject({ linkFollowed: false, pending: null });
  });

  it("whose kernel is silent says so", () => {
    page.followLink();
    vi.advanceTimersByTime(5000);
    expect(page.snapshot()).toMatchObject({ linkFollowed: true, kernelSilent: true });
  });
});
