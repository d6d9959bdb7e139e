/** The window of one widget, and what it sees of those of the page's other widgets (src/windows.ts). */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OwnWindow } from "../src/own_window";
import { createOwnWindow } from "../src/own_window";
import type { PopupHandlers } from "../src/popup";
import { KEY, ready } from "./kernel";

const CHANNEL = "mC8cJ5ajQ0qdpBf1hOo3Vw";
const RESPONSE = { code: "c", state: "s" };

const openPopup = vi.fn();
let life: AbortController;
let popup: ReturnType<typeof newPopup>;
/** What the popup calls, whoever has it. */
let calls: PopupHandlers;

function newPopup(viaCallbackPage: boolean) {
  return {
    show: vi.fn(),
    close: vi.fn(),
    release: vi.fn(),
    setHandlers: (handlers: PopupHandlers) => {
      calls = handlers;
    },
    channel: CHANNEL,
    viaCallbackPage,
  };
}

function newWidget(signal = life.signal) {
  const handlers = { responded: vi.fn(), closed: vi.fn(), changed: vi.fn() };
  return { ...handlers, own: createOwnWindow(openPopup, handlers, signal) };
}

beforeEach(() => {
  life = new AbortController();
  popup = newPopup(false);
  openPopup.mockReset().mockImplementation((_ready, handlers) => {
    calls = handlers;
    return popup;
  });
});

afterEach(() => life.abort());

/** The state of the windows of the login with our key, or that of the key. */
function state(own: OwnWindow, key: string | null = KEY) {
  return own.state(key);
}

describe("a window that the widget opens", () => {
  it("is open until the tenant has responded", () => {
    const { own, responded } = newWidget();
    expect(state(own)).toBeNull();
    expect(own.open(ready())).toBe(true);
    expect(state(own)).toBe("open");
    expect(own.channel()).toBe(CHANNEL);
    calls.responded(RESPONSE);
    expect(responded).toHaveBeenCalledExactlyOnceWith(RESPONSE);
    expect(state(own)).toBeNull();
    expect(own.channel()).toBeUndefined();
  });

  it("that the browser blocks is none", () => {
    const { own } = newWidget();
    openPopup.mockReturnValueOnce(null);
    expect(own.open(ready())).toBe(false);
    expect(state(own)).toBeNull();
  });

  it("and that seems closed may still respond", () => {
    const { own, closed, responded } = newWidget();
    own.open(ready());
    calls.closed();
    expect(closed).toHaveBeenCalledOnce();
    expect(state(own)).toBe("closed");
    calls.responded(RESPONSE);
    expect(responded).toHaveBeenCalledOnce();
  });

  it("replaces the one before", () => {
    const { own } = newWidget();
    own.open(ready());
    const before = popup;
    popup = newPopup(false);
    own.open(ready());
    expect(before.close).toHaveBeenCalledOnce();
    own.show();
    expect(popup.show).toHaveBeenCalledOnce();
    expect(popup.close).not.toHaveBeenCalled();
  });

  it.each([
    [false, "close", "release"],
    [true, "release", "close"],
  ] as const)(
    "ends with the widget, unless any page may hear the response: %s",
    (via, done, not) => {
      popup = newPopup(via);
      newWidget().own.open(ready());
      life.abort();
      expect(popup[done]).toHaveBeenCalledOnce();
      expect(popup[not]).not.toHaveBeenCalled();
    },
  );
});

describe("a window of another widget of the page", () => {
  it("is seen by the widgets of the same login", () => {
    const [first, second] = [newWidget(), newWidget()];
    first.own.open(ready());
    expect(state(second.own)).toBe("in_page");
    expect(state(second.own, "auth0-widget:another")).toBeNull();
    expect(state(second.own, null)).toBeNull();
    calls.closed();
    expect(state(second.own)).toBe("in_page_closed");
    first.own.close();
    expect(state(second.own)).toBeNull();
    expect(second.changed).toHaveBeenCalledTimes(3);
  });

  it("is taken over with what it then says", () => {
    const [first, second] = [newWidget(), newWidget()];
    first.own.open(ready());
    expect(second.own.takeOver(CHANNEL)).toBe(false);
    expect(state(second.own)).toBe("open");
    expect(state(first.own)).toBe("in_page");
    expect(first.changed).toHaveBeenCalled();
    calls.responded(RESPONSE);
    expect(second.responded).toHaveBeenCalledOnce();
    expect(first.responded).not.toHaveBeenCalled();
  });

  it("that seemed closed before it was taken over still does", () => {
    const [first, second] = [newWidget(), newWidget()];
    first.own.open(ready());
    calls.closed();
    expect(second.own.takeOver(CHANNEL)).toBe(true);
    expect(state(second.own)).toBe("closed");
    expect(second.closed).not.toHaveBeenCalled();
  });

  it("is not taken by a widget that has a window, and not for another login", () => {
    const [first, second] = [newWidget(), newWidget()];
    first.own.open(ready());
    expect(second.own.takeOver("nC8cJ5ajQ0qdpBf1hOo3Vw")).toBe(false);
    expect(state(second.own)).toBe("in_page");
    popup = newPopup(false);
    second.own.open(ready());
    second.own.takeOver(CHANNEL);
    second.own.close();
    expect(popup.close).toHaveBeenCalledOnce();
    expect(state(first.own)).toBe("open");
  });

  it("changes nothing for a widget that has its own", () => {
    const [first, second] = [newWidget(), newWidget()];
    second.own.open(ready());
    second.changed.mockReset();
    first.own.open(ready());
    calls.closed();
    expect(second.changed).not.toHaveBeenCalled();
    expect(state(second.own)).toBe("open");
  });

  it("is no longer told to a widget that is gone", () => {
    const gone = new AbortController();
    const { changed } = newWidget(gone.signal);
    gone.abort();
    newWidget().own.open(ready());
    expect(changed).not.toHaveBeenCalled();
  });
});
