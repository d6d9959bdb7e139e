/** The channel between the top bar and the Jupyter Server, with the interface of anywidget's model. */

import type { Model } from "../connection";

/** The pause before connecting again. It doubles each time, up to the maximum. */
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

/** Opens the WebSocket at this URL, and again whenever it closes, until the signal aborts. */
export function openChannel(url: string, signal: AbortSignal): Model {
  const events = new EventTarget();
  const listeners = new Map<unknown, EventListener>();
  const unsent: string[] = [];
  let socket: WebSocket;
  let pause = FIRST_PAUSE_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function dispatch(name: string, detail?: unknown): void {
    events.dispatchEvent(new CustomEvent(name, { detail }));
  }

  function open(): void {
    socket = new WebSocket(url);
    socket.onopen = () => {
      pause = FIRST_PAUSE_MS;
      for (const message of unsent.splice(0)) socket.send(message);
      dispatch("comm_live_update");
    };
    socket.onmessage = ({ data }) => dispatch("msg:custom", JSON.parse(data));
    socket.onclose = () => {
      dispatch("comm_live_update");
      if (signal.aborted) return;
      timer = setTimeout(open, pause);
      pause = Math.min(2 * pause, MAX_PAUSE_MS);
    };
  }

  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    socket.close();
  });
  open();

  return {
    on(name, listener) {
      const hear = (event: Event) => listener((event as CustomEvent<unknown>).detail);
      listeners.set(listener, hear);
      events.addEventListener(name, hear);
    },
    off(name, listener) {
      events.removeEventListener(name, listeners.get(listener) ?? null);
    },
    send(message) {
      const text = JSON.stringify(message);
      // Messages are queued only while the socket is connecting: the first is the hello.
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
      else if (socket.readyState === WebSocket.CONNECTING) unsent.push(text);
      else throw new Error("not connected to the Jupyter Server");
    },
  };
}
