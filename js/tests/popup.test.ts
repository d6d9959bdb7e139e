import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Popup } from "../src/popup";
import { openPopup } from "../src/popup";
import { ready, TENANT } from "./kernel";

const RESPONSE = { type: "authorization_response", response: { code: "c", state: "s" } };

let opened: { closed: boolean; close: () => void; focus: () => void };
let popup: Popup | null;
const responded = vi.fn();
const closed = vi.fn();

function post(data: unknown, origin = TENANT, source: unknown = opened): void {
  const event = new MessageEvent("message", { data, origin });
  Object.defineProperty(event, "source", { value: source });
  window.dispatchEvent(event);
}

beforeEach(() => {
  vi.useFakeTimers();
  responded.mockReset();
  closed.mockReset();
  opened = {
    closed: false,
    close: vi.fn(() => {
      opened.closed = true;
    }),
    focus: vi.fn(),
  };
  vi.spyOn(window, "open").mockImplementation(() => opened as unknown as Window);
  popup = openPopup(ready(), { responded, closed });
});

afterEach(() => {
  popup?.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("threat 7: the response", () => {
  it("is taken from our window on the tenant's origin, which is then closed", () => {
    post(RESPONSE);
    expect(responded).toHaveBeenCalledExactlyOnceWith({ code: "c", state: "s" });
    expect(opened.close).toHaveBeenCalled();
    expect(closed).not.toHaveBeenCalled();
  });

  it("is taken once", () => {
    post(RESPONSE);
    post(RESPONSE);
    expect(responded).toHaveBeenCalledOnce();
  });

  it.each([
    "https://evil.example",
    "http://acme.eu.auth0.com",
    "https://acme.eu.auth0.com:8443",
    "https://acme.eu.auth0.com.evil.example",
    "null",
    "",
  ])("is ignored from the origin %j, and the login goes on", (origin) => {
    post(RESPONSE, origin);
    expect(responded).not.toHaveBeenCalled();
    expect(opened.close).not.toHaveBeenCalled();
    post(RESPONSE);
    expect(responded).toHaveBeenCalledOnce();
  });

  it.each([null, {}, window])("is ignored from a window that is not ours: %#", (source) => {
    post(RESPONSE, TENANT, source);
    expect(responded).not.toHaveBeenCalled();
    expect(opened.close).not.toHaveBeenCalled();
  });

  it.each([
    null,
    undefined,
    "authorization_response",
    7,
    {},
    { type: "authorization_response" },
    { type: "authorization_response", response: null },
    { type: "authorization_response", response: {} },
    { type: "authorization_response", response: { state: "s" } },
    { type: "authorization_response", response: { code: 7, state: "s" } },
    { type: "authorization_response", response: { code: "c", state: ["s"] } },
    { type: "authorization_request", response: { code: "c", state: "s" } },
    { response: { code: "c", state: "s" } },
  ])("is ignored in the wrong shape: %j", (data) => {
    post(data);
    expect(responded).not.toHaveBeenCalled();
    expect(opened.close).not.toHaveBeenCalled();
  });

  it("may be a refusal", () => {
    const response = { error: "access_denied", error_description: "No.", state: "s" };
    post({ type: "authorization_response", response });
    expect(responded).toHaveBeenCalledExactlyOnceWith(response);
  });

  it("is passed on without fields we do not know", () => {
    post({ ...RESPONSE, response: { ...RESPONSE.response, access_token: "t", error: null } });
    expect(responded).toHaveBeenCalledExactlyOnceWith({ code: "c", state: "s" });
  });

  it("is cut at 4 KB a field", () => {
    post({ ...RESPONSE, response: { code: "c".repeat(5000), state: "s" } });
    expect(responded.mock.calls[0]?.[0].code).toHaveLength(4096);
  });

  it("brings this page back to the front", () => {
    const focus = vi.spyOn(window, "focus");
    post(RESPONSE);
    expect(focus).toHaveBeenCalled();
  });
});

describe("a window that closes", () => {
  it("is reported once, after it has stayed closed for a second", () => {
    opened.closed = true;
    vi.advanceTimersByTime(1000);
    expect(closed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(closed).toHaveBeenCalledOnce();
    // There is nothing more to find out by asking.
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not reported for reading closed in passing", () => {
    opened.closed = true;
    vi.advanceTimersByTime(1000);
    opened.closed = false;
    vi.advanceTimersByTime(500);
    opened.closed = true;
    vi.advanceTimersByTime(1000);
    expect(closed).not.toHaveBeenCalled();
  });

  it("may still respond: Cross-Origin-Opener-Policy makes an open window read closed", () => {
    opened.closed = true;
    vi.advanceTimersByTime(60_000);
    post(RESPONSE);
    expect(responded).toHaveBeenCalledOnce();
  });
});

describe("a window that does not open", () => {
  it.each([() => null, () => ({ ...opened, closed: true })])(
    "is null, with nothing left running: %#",
    (open) => {
      vi.spyOn(window, "open").mockImplementation(open as () => Window | null);
      popup?.close();
      popup = openPopup(ready(), { responded, closed });
      expect(popup).toBeNull();
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});

describe("a window without an address", () => {
  it("is not opened", () => {
    vi.mocked(window.open).mockClear();
    expect(openPopup(ready({ authorize_url: null }), { responded, closed })).toBeNull();
    expect(window.open).not.toHaveBeenCalled();
  });
});

describe("our side", () => {
  it("opens the URL as a centred popup", () => {
    const [url, target, features] = vi.mocked(window.open).mock.calls[0] ?? [];
    expect([url, target]).toEqual([`${TENANT}/authorize?state=1`, "_blank"]);
    expect(features).toMatch(/^popup,width=420,height=640,left=\d+,top=\d+$/);
    expect(features).not.toContain("noopener");
  });

  it("hands the window to another widget", () => {
    const others = { responded: vi.fn(), closed: vi.fn() };
    popup?.setHandlers(others);
    opened.closed = true;
    vi.advanceTimersByTime(1500);
    expect(others.closed).toHaveBeenCalledOnce();
    post(RESPONSE);
    expect(others.responded).toHaveBeenCalledExactlyOnceWith({ code: "c", state: "s" });
    expect(responded).not.toHaveBeenCalled();
    expect(closed).not.toHaveBeenCalled();
  });

  it("closes the window and stops listening on demand", () => {
    popup?.close();
    expect(opened.close).toHaveBeenCalled();
    post(RESPONSE);
    vi.advanceTimersByTime(60_000);
    expect(responded).not.toHaveBeenCalled();
    expect(closed).not.toHaveBeenCalled();
  });

  it("brings the window to the front on demand", () => {
    popup?.show();
    expect(opened.focus).toHaveBeenCalledOnce();
  });
});
