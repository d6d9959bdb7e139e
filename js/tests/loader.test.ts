/** The loader, with the code of the card that it fetches (src/code.ts). */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type factory from "../src/index";
import loader from "../src/loader";
import type { ToKernel } from "../src/messages";
import { types } from "./kernel";

const KEY = "auth0-widget:code:of-the-tests";
const CODE = "the code of the card";

/** What the code of the card is run as, and what it was told. */
let card: string[];
let runs: number;
let ends: (() => void)[];

class Model {
  sent: ToKernel[] = [];
  listeners = new Map<string, Set<(message?: unknown) => void>>();
  on(event: string, listener: () => void): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  }
  off(event: unknown, listener: unknown): void {
    this.listeners.get(event as string)?.delete(listener as () => void);
  }
  send(message: ToKernel): void {
    this.sent.push(message);
  }
  emit(event: string, message?: unknown): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(message);
  }
  hear(message: unknown): void {
    this.emit("msg:custom", message);
  }
  get listening(): number {
    return [...this.listeners.values()].reduce((sum, each) => sum + each.size, 0);
  }
}

/** A module that says what it does, in place of the card's. */
const MODULE = `
  export default () => ({
    initialize({ model }) {
      try { model.send({ type: "hello" }); } catch {}
      return () => window.said.push("end");
    },
    render({ el }) {
      el.append("card");
      return () => el.replaceChildren();
    },
  });
`;

/** Lets a module be imported from a Blob URL, which Node cannot: from a data URL instead. */
function blobs(source = MODULE): void {
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => {
    runs += 1;
    return `data:text/javascript,${encodeURIComponent(`/* ${Math.random()} */${source}`)}`;
  });
}

function show(model: Model): { el: HTMLElement; widget: ReturnType<typeof factory> } {
  const widget = loader() as ReturnType<typeof factory>;
  const el = document.createElement("div");
  document.body.append(el);
  ends.push(widget.initialize({ model: model as never }));
  ends.push(widget.render({ el }), () => el.remove());
  return { el, widget };
}

beforeEach(() => {
  vi.useFakeTimers();
  delete (window as object as Record<string, unknown>)[KEY];
  card = [];
  Object.assign(window, { said: card });
  runs = 0;
  ends = [];
  blobs();
});

afterEach(() => {
  for (const end of ends) end();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("the code of the card", () => {
  it("is asked for, run from a Blob URL, and takes the place of the first words", async () => {
    const revoked = vi.spyOn(URL, "revokeObjectURL");
    const blob = vi.spyOn(globalThis, "Blob");
    const model = new Model();
    const { el } = show(model);
    expect(el.textContent).toBe("Connecting to the kernel…");
    expect(model.sent).toEqual([{ type: "load", page: expect.stringMatching(/^p-[0-9a-f]{32}$/) }]);
    model.hear({ type: "code", to: "p-x", code: CODE });
    await vi.waitFor(() => expect(el.textContent).toBe("card"));
    expect(blob).toHaveBeenCalledWith([CODE], { type: "text/javascript" });
    expect(types(model.sent)).toEqual(["load", "hello"]);
    expect(revoked).toHaveBeenCalledOnce();
    expect(model.listening).toBe(0);
  });

  it("is asked for once by many widgets of a page, and run once", async () => {
    const models = [new Model(), new Model(), new Model()];
    const shown = models.map(show);
    expect(models.map(({ sent }) => types(sent))).toEqual([["load"], [], []]);
    models[0]?.hear({ type: "code", code: CODE });
    await vi.waitFor(() => expect(shown[2]?.el.textContent).toBe("card"));
    const later = new Model();
    const { el } = show(later);
    await vi.waitFor(() => expect(el.textContent).toBe("card"));
    expect([...models, later].map(({ sent }) => types(sent))).toEqual([
      ["load", "hello"],
      ["hello"],
      ["hello"],
      ["hello"],
    ]);
    expect(runs).toBe(1);
  });

  it("comes from another widget's kernel when the first has none", async () => {
    const dead = new Model();
    dead.send = () => {
      throw new Error("Kernel is disposed");
    };
    const first = show(dead);
    const model = new Model();
    const { el } = show(model);
    expect(model.sent).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(types(model.sent)).toEqual(["load"]);
    model.hear({ type: "code", code: CODE });
    await vi.waitFor(() => expect(el.textContent).toBe("card"));
    await vi.waitFor(() => expect(first.el.textContent).toBe("card"));
  });

  it("is not asked for too often of a kernel that is busy for hours", () => {
    const model = new Model();
    show(model);
    vi.advanceTimersByTime(8 * 3600 * 1000);
    expect(model.sent.length).toBeGreaterThan(10);
    expect(model.sent.length).toBeLessThan(20);
  });

  it("is asked for at once when the page is looked at, and when the kernel is back", () => {
    const model = new Model();
    show(model);
    document.dispatchEvent(new Event("visibilitychange"));
    model.emit("comm_live_update");
    expect(model.sent).toHaveLength(3);
    vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    document.dispatchEvent(new Event("visibilitychange"));
    expect(model.sent).toHaveLength(3);
  });

  it.each([undefined, null, 7, {}, { type: "code" }, { type: "code", code: 7 }, { type: "ready" }])(
    "is not this: %s",
    async (message) => {
      const model = new Model();
      const { el } = show(model);
      model.hear(message);
      await vi.advanceTimersByTimeAsync(10);
      expect(runs).toBe(0);
      expect(el.textContent).toBe("Connecting to the kernel…");
    },
  );

  it("that the page does not let run is a sentence in the card", async () => {
    blobs("throw new Error('refused')");
    const model = new Model();
    const { el } = show(model);
    model.hear({ type: "code", code: CODE });
    await vi.waitFor(() =>
      expect(el.textContent).toBe("This page does not let the card be drawn: refused"),
    );
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("threat 35: neither reads the record nor opens a window in a notebook without a kernel", () => {
  const storage = vi.spyOn(window, "localStorage", "get");
  const open = vi.spyOn(window, "open");
  const { el } = show(new Model());
  vi.advanceTimersByTime(60_000);
  expect(storage).not.toHaveBeenCalled();
  expect(open).not.toHaveBeenCalled();
  expect(el.textContent).toBe("Not connected to a kernel. Run this cell to log in.");
});

describe("the end", () => {
  it("of a widget before its code is here leaves nothing", async () => {
    const model = new Model();
    const { el } = show(model);
    for (const end of ends.splice(0)) end();
    expect(el.childElementCount).toBe(0);
    expect(model.listening).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    document.dispatchEvent(new Event("visibilitychange"));
    expect(types(model.sent)).toEqual(["load"]);
    const other = new Model();
    show(other);
    vi.advanceTimersByTime(500);
    other.hear({ type: "code", code: CODE });
    await vi.waitFor(() => expect(types(other.sent)).toContain("hello"));
    expect(types(model.sent)).toEqual(["load"]);
    expect(el.textContent).toBe("");
  });

  it("of a widget is the end of its card", async () => {
    const model = new Model();
    const { el, widget } = show(model);
    model.hear({ type: "code", code: CODE });
    await vi.waitFor(() => expect(el.textContent).toBe("card"));
    const late = document.createElement("div");
    ends.push(widget.render({ el: late }));
    expect(late.textContent).toBe("card");
    for (const end of ends.splice(0)) end();
    expect(el.textContent + (late.textContent ?? "")).toBe("");
    expect(card).toEqual(["end"]);
  });
});
