import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openChannel } from "../../src/lab/channel";

class Socket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly opened: Socket[] = [];
  readyState = Socket.CONNECTING;
  readonly sent: string[] = [];
  onopen = () => {};
  onclose = () => {};
  onmessage: (event: { data: string }) => void = () => {};

  constructor() {
    Socket.opened.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
    this.onclose();
  }
  arrive(): void {
    this.readyState = Socket.OPEN;
    this.onopen();
  }
}

const URL = "ws://localhost:8888/auth0-widget/top-bar";
let life: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Socket);
  life = new AbortController();
});

afterEach(() => {
  life.abort();
  expect(vi.getTimerCount()).toBe(0);
  Socket.opened.length = 0;
  vi.useRealTimers();
});

/** The latest socket. */
function socket(): Socket {
  return Socket.opened.at(-1) as Socket;
}

describe("the channel to the server", () => {
  it("sends what was said before it was open, and what is said after", () => {
    const channel = openChannel(URL, life.signal);
    channel.send({ type: "hello" });
    expect(socket().sent).toEqual([]);
    socket().arrive();
    channel.send({ type: "log_out" });
    expect(socket().sent).toEqual(['{"type":"hello"}', '{"type":"log_out"}']);
  });

  it("hands on what the server says, for as long as somebody listens", () => {
    const channel = openChannel(URL, life.signal);
    const listener = vi.fn();
    channel.on("msg:custom", listener);
    socket().onmessage({ data: '{"type":"state"}' });
    channel.off("msg:custom", listener);
    socket().onmessage({ data: '{"type":"ready"}' });
    expect(listener.mock.calls).toEqual([[{ type: "state" }]]);
  });

  it("opens again, ever later, when the server has gone, and tells of it", () => {
    const channel = openChannel(URL, life.signal);
    const changed = vi.fn();
    channel.on("comm_live_update", changed);
    socket().arrive();
    socket().close();
    expect(changed).toHaveBeenCalledTimes(2);
    expect(() => channel.send({ type: "hello" })).toThrow();
    vi.advanceTimersByTime(1000);
    expect(Socket.opened).toHaveLength(2);
    socket().close();
    vi.advanceTimersByTime(1999);
    expect(Socket.opened).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(Socket.opened).toHaveLength(3);
  });

  it("closes with the page, for good", () => {
    openChannel(URL, life.signal);
    life.abort();
    vi.advanceTimersByTime(100_000);
    expect(Socket.opened).toHaveLength(1);
    expect(socket().readyState).toBe(3);
  });
});
