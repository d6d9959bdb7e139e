/** A widget of a notebook, and its connection to the kernel (src/connection.ts). */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import factory from "../src/index";
import type { ToKernel } from "../src/messages";
import { pageId } from "../src/page_id";
import { ADA, KEY, ready, state, store, TENANT, types } from "./kernel";

type Listener = (message: unknown) => void;

/** The model as anywidget hands it over: messages out, messages in. */
class Model {
  sent: ToKernel[] = [];
  listeners = new Set<Listener>();
  kernelChanged = new Set<Listener>();
  on(event: string, listener: Listener): void {
    this.of(event).add(listener);
  }
  off(event: unknown, listener: unknown): void {
    this.of(event).delete(listener as Listener);
  }
  private of(event: unknown): Set<Listener> {
    return event === "msg:custom" ? this.listeners : this.kernelChanged;
  }
  send(message: ToKernel): void {
    this.sent.push(message);
  }
  /** What the kernel says, addressed to the page that said hello. */
  hear(...messages: readonly object[]): void {
    const to = this.sent[0]?.page;
    for (const message of messages) {
      for (const listener of [...this.listeners]) listener({ ...message, to });
    }
  }
}

let model: Model;
let widget: ReturnType<typeof factory>;
let ends: (() => void)[];

function render(): HTMLElement {
  const el = document.createElement("div");
  document.body.append(el);
  ends.push(widget.render({ el }), () => el.remove());
  return el;
}

function click(el: HTMLElement, name: string): void {
  [...el.querySelectorAll("button")].find((each) => each.textContent === name)?.click();
}

function look(): void {
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  sessionStorage.clear();
  ends = [];
  model = new Model();
  widget = factory();
});

beforeEach(() => {
  vi.stubGlobal("origin", location.origin); // which happy-dom does not have
});

afterEach(() => {
  vi.unstubAllGlobals();
  for (const end of ends) end();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function initialize(): void {
  ends.push(widget.initialize({ model: model as never }));
}

describe("a whole login", () => {
  it("goes from hello to the saved record and back to logged out", () => {
    const opened = { closed: false, close: vi.fn(), focus: vi.fn() };
    vi.spyOn(window, "open").mockReturnValue(opened as unknown as Window);
    initialize();
    const el = render();
    model.hear(ready(), state());
    click(el, "Log in");
    const data = { type: "authorization_response", response: { code: "c", state: "s" } };
    const event = new MessageEvent("message", { data, origin: TENANT });
    Object.defineProperty(event, "source", { value: opened });
    window.dispatchEvent(event);
    model.hear(store("record"), state({ status: "authenticated", card: ADA }), ready());
    expect(el.textContent).toContain("Ada Lovelace");
    expect(localStorage.getItem(KEY)).toBe("record");
    click(el, "Log out");
    model.hear(store("tombstone"), state());
    expect(el.textContent).not.toContain("Ada");
    expect(localStorage.getItem(KEY)).toBe("tombstone");
    expect(types(model.sent)).toEqual([
      ...["hello", "stored_record", "login_started", "authorization_response"],
      ...["store_result", "stored_record", "log_out", "store_result"],
    ]);
  });
});

describe("initialize", () => {
  it("says hello as the same page after a refresh", () => {
    initialize();
    const first = model.sent[0];
    expect(first).toEqual({
      type: "hello",
      page: expect.stringMatching(/^p-[0-9a-f]{32}$/),
      origin: location.origin,
      window: true,
      message: true,
      link: true,
      storage: true,
      callback_page: null,
    });
    const again = new Model();
    ends.push(factory().initialize({ model: again as never }));
    expect(again.sent[0]).toEqual(first);
  });

  it("neither reads the record nor opens a window while the kernel is silent", () => {
    const storage = vi.spyOn(window, "localStorage", "get");
    const open = vi.spyOn(window, "open");
    initialize();
    const el = render();
    vi.advanceTimersByTime(60_000);
    expect(storage).not.toHaveBeenCalled();
    expect(open).not.toHaveBeenCalled();
    expect(el.textContent).toContain("Run this cell");
  });

  it("asks for the kernel when ipywidgets says that it was restarted, and says when it is gone", () => {
    initialize();
    const el = render();
    model.hear(ready(), state());
    model.sent.splice(1);
    for (const listener of model.kernelChanged) listener(undefined);
    expect(types(model.sent)).toEqual(["hello", "hello"]);
    vi.advanceTimersByTime(5000);
    expect(el.textContent).toContain("Waiting for the kernel.");
  });

  it("survives a kernel that can no longer be sent to", () => {
    initialize();
    const el = render();
    model.hear(ready(), state({ status: "authenticated", card: ADA }));
    model.send = () => {
      throw new Error("Kernel is disposed");
    };
    click(el, "Log out");
    vi.advanceTimersByTime(5000);
    expect(el.textContent).toContain("Waiting for the kernel.");
  });

  it("says hello again when the page is looked at, not when it is left", () => {
    initialize();
    look();
    expect(types(model.sent)).toEqual(["hello", "hello"]);
    vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    look();
    expect(model.sent).toHaveLength(2);
  });

  it("ends with nothing left: no timer, no listener, no message", () => {
    pageId(); // listens as long as the page is there, from the first widget on
    const signals: (AbortSignal | undefined)[] = [];
    for (const target of [window, document]) {
      vi.spyOn(target, "addEventListener").mockImplementation((_type, _listener, options) => {
        signals.push((options as AddEventListenerOptions | undefined)?.signal);
      });
    }
    initialize();
    render();
    model.hear(ready(), state());
    vi.restoreAllMocks();
    for (const end of ends.splice(0)) end();
    // The storage event, the widget next door, and the page being looked at.
    expect(signals).toHaveLength(3);
    for (const signal of signals) expect(signal?.aborted).toBe(true);
    expect(model.listeners.size + model.kernelChanged.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    model.sent.length = 0;
    look();
    window.dispatchEvent(new StorageEvent("storage", { key: KEY, storageArea: localStorage }));
    vi.advanceTimersByTime(60_000);
    expect(model.sent).toEqual([]);
  });
});

describe("views", () => {
  it("show one and the same session, and end one by one", () => {
    initialize();
    const first = render();
    const endFirst = ends.at(-2);
    const second = render();
    model.hear(ready(), state({ status: "authenticated", card: ADA }));
    expect(first.textContent).toContain("Ada");
    expect(second.textContent).toContain("Ada");
    endFirst?.();
    expect(first.childElementCount).toBe(0);
    model.hear(state());
    expect(second.textContent).toContain("You are not logged in.");
  });

  it("made late show what has been said before", () => {
    initialize();
    model.hear(ready(), state({ status: "authenticated", card: ADA }));
    expect(render().textContent).toContain("Ada");
  });
});

it("keeps two widgets of one page apart, and each hears of the other's record", () => {
  initialize();
  model.hear(ready(), state());
  const other = new Model();
  ends.push(factory().initialize({ model: other as never }));
  other.hear(ready(), state());
  other.sent.splice(1);
  model.hear(store("record"));
  expect(other.sent.slice(1)).toMatchObject([{ type: "stored_record", record: "record" }]);
});
