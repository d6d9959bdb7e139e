import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Silent } from "../src/messages";
import { logInSilently, TIMEOUT_MS } from "../src/silent_login";
import { PAGE, TENANT } from "./kernel";

const ANSWER = { type: "authorization_response", response: { code: "c", state: "s" } };
const ASKED: Silent = {
  type: "silent",
  to: PAGE,
  tenant: TENANT,
  url: `${TENANT}/authorize?prompt=none`,
};

let life: AbortController;
const responded = vi.fn();
/** The tenant's page, in the frame. */
const theirs = {};
const frames = () => [...document.querySelectorAll("iframe")];

function post(data: unknown, origin = TENANT, source: unknown = theirs): void {
  const event = new MessageEvent("message", { data, origin });
  Object.defineProperty(event, "source", { value: source });
  window.dispatchEvent(event);
}

beforeEach(() => {
  vi.useFakeTimers();
  responded.mockReset();
  life = new AbortController();
  vi.spyOn(HTMLIFrameElement.prototype, "contentWindow", "get").mockReturnValue(theirs as Window);
  // Nothing is fetched: what is in the frame is the tenant's.
  vi.spyOn(HTMLIFrameElement.prototype, "src", "set").mockImplementation(() => {});
  logInSilently(ASKED, responded, life.signal);
});

afterEach(() => {
  life.abort();
  expect(frames()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a silent login", () => {
  it("asks the tenant in a frame that nobody sees, and removes it with the response", () => {
    expect(frames().map((frame) => frame.hidden)).toEqual([true]);
    const { set } = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, "src") ?? {};
    expect(set).toHaveBeenCalledExactlyOnceWith(ASKED.url);
    post(ANSWER);
    expect(responded).toHaveBeenCalledExactlyOnceWith({ code: "c", state: "s" });
    expect(frames()).toEqual([]);
  });

  it("passes on a refusal: the kernel decides what it means", () => {
    post({ type: "authorization_response", response: { error: "login_required", state: "s" } });
    expect(responded).toHaveBeenCalledExactlyOnceWith({ error: "login_required", state: "s" });
  });

  it("gives up in time, and hears nothing after that", () => {
    vi.advanceTimersByTime(TIMEOUT_MS);
    expect(frames()).toEqual([]);
    post(ANSWER);
    expect(responded).not.toHaveBeenCalled();
  });

  it("ends with the page", () => {
    life.abort();
    expect(frames()).toEqual([]);
    post(ANSWER);
    expect(responded).not.toHaveBeenCalled();
  });
});

describe("threat 7: the response", () => {
  it.each(["https://evil.example", "http://acme.eu.auth0.com", `${TENANT}:8443`, "null", ""])(
    "is ignored from the origin %j, and the right one still counts",
    (origin) => {
      post(ANSWER, origin);
      expect(responded).not.toHaveBeenCalled();
      post(ANSWER);
      expect(responded).toHaveBeenCalledOnce();
    },
  );

  it.each([null, {}, window])("is ignored from a window that is not the frame's: %#", (source) => {
    post(ANSWER, TENANT, source);
    expect(responded).not.toHaveBeenCalled();
  });

  it.each([null, "authorization_response", {}, { type: "authorization_response" }])(
    "is ignored when it is none: %j",
    (data) => {
      post(data);
      expect(responded).not.toHaveBeenCalled();
      expect(frames()).toHaveLength(1);
    },
  );
});
