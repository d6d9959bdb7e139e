import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callbackPageUrl, openChannels } from "../src/callback";
import type { Popup } from "../src/popup";
import { openPopup } from "../src/popup";
import { ready, TENANT } from "./kernel";

const RESPONSE = { type: "authorization_response", response: { code: "c", state: "1.s" } };

/** Channels by name, as browsers have them for the pages of one origin. */
class Channel {
  static open: Channel[] = [];
  readonly name: string;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor(name: string) {
    this.name = name;
    Channel.open.push(this);
  }
  close(): void {
    Channel.open.splice(Channel.open.indexOf(this), 1);
  }
}

function broadcast(data: unknown, name = "auth0-widget:1"): void {
  for (const channel of [...Channel.open]) {
    if (channel.name === name) channel.onmessage?.({ data });
  }
}

describe("the address of the callback page", () => {
  afterEach(() => document.body.replaceChildren());

  function configure(config: string): void {
    const element = document.createElement("script");
    element.id = "jupyter-config-data";
    element.type = "application/json";
    element.textContent = config;
    document.body.append(element);
  }

  it("is below this page's origin, where the page configuration says", () => {
    configure('{"auth0WidgetCallback": "/user/ada/auth0-widget/callback"}');
    expect(callbackPageUrl()).toBe(`${location.origin}/user/ada/auth0-widget/callback`);
  });

  it.each(["{}", '{"baseUrl": "/"}', "null", "nonsense", ""])("is not known from %j", (config) => {
    configure(config);
    expect(callbackPageUrl()).toBeNull();
  });

  it("is not known in a page that has no configuration", () => {
    expect(callbackPageUrl()).toBeNull();
  });
});

const PAGE_MODE = {
  callback: "page",
  authorize_url: `${TENANT}/authorize?state=1.s`,
} as const;

describe("the response by the callback page", () => {
  const responded = vi.fn();
  const opened = { closed: false, close: vi.fn(), focus: vi.fn() };
  let popup: Popup | null;

  beforeEach(() => {
    vi.useFakeTimers();
    responded.mockReset();
    vi.stubGlobal("BroadcastChannel", Channel);
    vi.spyOn(window, "open").mockReturnValue(opened as unknown as Window);
    popup = openPopup(ready(PAGE_MODE), { responded, closed: vi.fn() });
  });

  afterEach(() => {
    popup?.close();
    expect(Channel.open).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("is taken, once", () => {
    broadcast(RESPONSE);
    broadcast(RESPONSE);
    expect(responded).toHaveBeenCalledExactlyOnceWith(RESPONSE.response);
    expect(opened.close).toHaveBeenCalled();
  });

  it("is ignored when it belongs to another login", () => {
    broadcast(RESPONSE, "auth0-widget:2");
    broadcast(RESPONSE, "auth0-widget:null");
    expect(responded).not.toHaveBeenCalled();
  });

  it.each([
    null,
    undefined,
    "authorization_response",
    {},
    { type: "authorization_response" },
    { type: "authorization_response", response: null },
    { type: "authorization_response", response: { state: "1.s" } },
    { type: "authorization_response", response: { code: "c" } },
    { type: "authorization_response", response: { code: "c", state: "1.t" } },
    { type: "authorization_response", response: { code: "c", state: ["1.s"] } },
    { type: "authorization_response", response: { code: 7, state: "1.s" } },
    { type: "log_out", response: { code: "c", state: "1.s" } },
  ])("is nothing else that is broadcast there, and the login goes on: %j", (data) => {
    broadcast(data);
    expect(responded).not.toHaveBeenCalled();
    broadcast(RESPONSE);
    expect(responded).toHaveBeenCalledOnce();
  });

  it("is cut at 4 KB a field", () => {
    broadcast({ ...RESPONSE, response: { code: "c".repeat(5000), state: "1.s" } });
    expect(responded.mock.calls[0]?.[0].code).toHaveLength(4096);
  });

  it("does not come by message, not even from the tenant", () => {
    const event = new MessageEvent("message", { data: RESPONSE, origin: TENANT });
    Object.defineProperty(event, "source", { value: opened });
    window.dispatchEvent(event);
    expect(responded).not.toHaveBeenCalled();
  });

  it("does not come by channel where messages were chosen", () => {
    popup?.close();
    popup = openPopup(ready(), { responded, closed: vi.fn() });
    broadcast(RESPONSE);
    expect(responded).not.toHaveBeenCalled();
  });
});

describe("the channels of logins that other pages began", () => {
  const received = vi.fn();
  let life: AbortController;

  beforeEach(() => {
    received.mockReset();
    life = new AbortController();
    vi.stubGlobal("BroadcastChannel", Channel);
  });

  afterEach(() => {
    life.abort();
    expect(Channel.open).toEqual([]);
    vi.unstubAllGlobals();
  });

  it("are listened to as long as the kernel names them", () => {
    const channels = openChannels(received, life.signal);
    channels.listen(["1", "2"]);
    channels.listen(["1", "2"]);
    expect(Channel.open).toHaveLength(2);
    broadcast(RESPONSE);
    expect(received).toHaveBeenCalledExactlyOnceWith(RESPONSE.response);
    channels.listen(["2"]);
    broadcast(RESPONSE);
    expect(received).toHaveBeenCalledOnce();
  });

  it.each([
    null,
    {},
    { ...RESPONSE, type: "x" },
    { ...RESPONSE, response: { code: "c", state: "2.s" } },
  ])("pass on nothing that is no response to them: %j", (data) => {
    openChannels(received, life.signal).listen(["1"]);
    broadcast(data);
    expect(received).not.toHaveBeenCalled();
  });

  it("are not opened once the widget is gone", () => {
    const channels = openChannels(received, life.signal);
    life.abort();
    channels.listen(["1"]);
    expect(Channel.open).toEqual([]);
  });
});
