import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openStore } from "../src/storage";
import { KEY } from "./kernel";

const BIGGEST = 256 * 1024;
let life: AbortController;

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  life = new AbortController();
});

afterEach(() => life.abort());

/** Site data blocked: the property itself throws, as browsers do. */
function deny(name: "localStorage" | "sessionStorage"): void {
  vi.spyOn(window, name, "get").mockImplementation(() => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  });
}

/** No room left: reading and removing still work. */
function fillUp(name: "localStorage" | "sessionStorage"): void {
  const real = window[name];
  vi.spyOn(window, name, "get").mockReturnValue({
    getItem: (key: string) => real.getItem(key),
    removeItem: (key: string) => real.removeItem(key),
    setItem: () => {
      throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
    },
  } as unknown as Storage);
}

function storageEvent(key: string | null, storageArea: Storage): void {
  window.dispatchEvent(new StorageEvent("storage", { key, storageArea }));
}

describe.each([
  ["local", "localStorage", "sessionStorage"],
  ["session", "sessionStorage", "localStorage"],
] as const)("storage=%s", (kind, own, other) => {
  it("keeps the record under its key, there and nowhere else", () => {
    const store = openStore(kind, KEY);
    expect(store.read()).toBeNull();
    expect(store.write("r1")).toBeNull();
    expect(window[own].getItem(KEY)).toBe("r1");
    expect(window[other].length).toBe(0);
    expect(openStore(kind, KEY).read()).toBe("r1");
  });

  it("removes the record when the new one is empty, and tells the widgets next door", () => {
    const changed = vi.fn();
    const store = openStore(kind, KEY);
    openStore(kind, KEY).watch(changed, life.signal);
    store.write("r1");
    expect(store.write("")).toBeNull();
    expect(window[own].getItem(KEY)).toBeNull();
    expect(store.read()).toBeNull();
    expect(changed.mock.calls).toEqual([["r1"], [null]]);
    expect(store.write("")).toBeNull();
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it("forgets a record it could not save when the new one is empty", () => {
    deny(own);
    const store = openStore(kind, KEY);
    store.write("r1");
    expect(store.write("")).toBe("denied");
    expect(store.read()).toBeNull();
  });

  it("takes an oversize record for none", () => {
    window[own].setItem(KEY, "x".repeat(BIGGEST + 1));
    expect(openStore(kind, KEY).read()).toBeNull();
    window[own].setItem(KEY, "x".repeat(BIGGEST));
    expect(openStore(kind, KEY).read()).toHaveLength(BIGGEST);
  });

  it("says denied, and holds the record meanwhile", () => {
    deny(own);
    const store = openStore(kind, KEY);
    expect(store.read()).toBeNull();
    expect(store.write("r1")).toBe("denied");
    expect(store.read()).toBe("r1");
  });

  it("says full, and holds the record meanwhile", () => {
    fillUp(own);
    const store = openStore(kind, KEY);
    expect(store.write("r1")).toBe("full");
    expect(store.read()).toBe("r1");
  });

  it("leaves no older record behind when the newer one does not fit", () => {
    window[own].setItem(KEY, "tokens");
    fillUp(own);
    expect(openStore(kind, KEY).write("tombstone")).toBe("full");
    expect(window[own].getItem(KEY)).toBeNull();
  });

  it("forgets what it held once a write succeeds again", () => {
    fillUp(own);
    const store = openStore(kind, KEY);
    store.write("r1");
    vi.restoreAllMocks();
    expect(store.write("r2")).toBeNull();
    window[own].setItem(KEY, "r3");
    expect(store.read()).toBe("r3");
  });

  it("hears of a change in another tab, for its key and area only", () => {
    const changed = vi.fn();
    openStore(kind, KEY).watch(changed, life.signal);
    window[own].setItem(KEY, "r2");
    storageEvent("auth0-widget:other", window[own]);
    storageEvent(KEY, window[other]);
    expect(changed).not.toHaveBeenCalled();
    storageEvent(KEY, window[own]);
    expect(changed).toHaveBeenCalledExactlyOnceWith("r2");
  });

  it("hears that everything was cleared", () => {
    const changed = vi.fn();
    openStore(kind, KEY).watch(changed, life.signal);
    storageEvent(null, window[own]);
    expect(changed).toHaveBeenCalledExactlyOnceWith(null);
  });

  it("prefers another tab's change to what it could not save itself", () => {
    fillUp(own);
    const store = openStore(kind, KEY);
    store.watch(() => {}, life.signal);
    store.write("mine");
    vi.restoreAllMocks();
    window[own].setItem(KEY, "theirs");
    storageEvent(KEY, window[own]);
    expect(store.read()).toBe("theirs");
  });

  it("tells the other widgets of this document, not itself, and only of real changes", () => {
    const mine = vi.fn();
    const theirs = vi.fn();
    const stranger = vi.fn();
    const store = openStore(kind, KEY);
    store.watch(mine, life.signal);
    openStore(kind, KEY).watch(theirs, life.signal);
    openStore(kind, "auth0-widget:other").watch(stranger, life.signal);
    store.write("r1");
    store.write("r1");
    expect(theirs).toHaveBeenCalledExactlyOnceWith("r1");
    expect(mine).not.toHaveBeenCalled();
    expect(stranger).not.toHaveBeenCalled();
  });

  it("hears nothing after its signal has aborted", () => {
    const changed = vi.fn();
    openStore(kind, KEY).watch(changed, life.signal);
    life.abort();
    storageEvent(KEY, window[own]);
    openStore(kind, KEY).write("r1");
    expect(changed).not.toHaveBeenCalled();
  });
});

describe("storage=memory", () => {
  it("keeps the record without touching the browser's storage", () => {
    const local = vi.spyOn(window, "localStorage", "get");
    const session = vi.spyOn(window, "sessionStorage", "get");
    const store = openStore("memory", KEY);
    store.watch(() => {}, life.signal);
    expect(store.read()).toBeNull();
    expect(store.write("r1")).toBeNull();
    expect(store.read()).toBe("r1");
    expect(store.write("")).toBeNull();
    expect(store.read()).toBeNull();
    expect(local).not.toHaveBeenCalled();
    expect(session).not.toHaveBeenCalled();
  });
});

it("touches no storage before it is asked to", () => {
  const get = vi.spyOn(window, "localStorage", "get");
  openStore("local", KEY).watch(() => {}, life.signal);
  expect(get).not.toHaveBeenCalled();
});

describe("a page without a storage of its own", () => {
  it("keeps the record until it is closed, says so, and touches nothing", () => {
    const touched = [
      vi.spyOn(window, "localStorage", "get"),
      vi.spyOn(window, "sessionStorage", "get"),
    ];
    const store = openStore("denied", KEY);
    expect(store.read()).toBeNull();
    expect(store.write("record")).toBe("denied");
    expect(store.read()).toBe("record");
    expect(store.write("")).toBe("denied");
    expect(store.read()).toBeNull();
    for (const each of touched) expect(each).not.toHaveBeenCalled();
  });
});
