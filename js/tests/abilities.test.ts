import { afterEach, describe, expect, it, vi } from "vitest";
import { abilities } from "../src/abilities";

afterEach(() => vi.unstubAllGlobals());

const at = (origin: string, protocol = "https:") => {
  vi.stubGlobal("origin", origin);
  vi.stubGlobal("location", { protocol, origin: "http://127.0.0.1:8888" });
  return abilities();
};

describe("what a page can do", () => {
  it.each(["http://localhost:8888", "https://hub.example.com", "http://jupyter_lab:8888"])(
    "everything, in a browser at %s",
    (origin) =>
      expect(at(origin)).toEqual({
        origin,
        window: true,
        message: true,
        link: true,
        storage: true,
      }),
  );

  it("links and its own storage, in VS Code on the desktop", () => {
    expect(at("vscode-webview://1a2b3c", "vscode-webview:")).toEqual({
      ...{ origin: null, window: false, message: false, link: true, storage: true },
    });
  });

  it("windows that send it no message, in an isolated page", () => {
    vi.stubGlobal("crossOriginIsolated", true);
    expect(at("https://hub.example.com")).toMatchObject({ window: true, message: false });
  });

  it("the same in VS Code in a browser, whatever its origin", () => {
    const origin = "https://1a2b3c.vscode-cdn.net";
    expect(at(origin)).toEqual({ origin, window: false, message: true, link: true, storage: true });
    for (const other of ["https://vscode-cdn.net.evil.example", "http://a.vscode-cdn.net"])
      expect(at(other).window).toBe(true);
  });

  it("nothing, in a sandboxed frame, though its address has an origin", () => {
    expect(at("null")).toEqual({
      origin: null,
      window: false,
      message: false,
      link: false,
      storage: false,
    });
  });

  it("links only, in a file", () => {
    expect(at("null", "file:")).toEqual({
      ...{ origin: null, window: false, message: false, link: true, storage: false },
    });
  });
});
