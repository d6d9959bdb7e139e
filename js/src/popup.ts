/**
 * One login window: opened in a click, listened to until the tenant responds.
 *
 * The tenant's response is a `message` event (response_mode=web_message), which counts only when its
 * origin is the tenant's and its source is the window we opened; or it comes from our callback page.
 */

import { listenToCallbackPage } from "./callback";
import type { Ready, ResponseParameters } from "./messages";

const WIDTH = 420;
const HEIGHT = 640;
const POLL_MS = 500;
/** `closed` must hold for this many polls: a window that navigates can read closed in passing. */
const POLLS_UNTIL_CLOSED = 3;
/** More than any real code, state or description. A longer one is cut, and the kernel refuses it. */
const MAX_PARAMETER = 4096;

const PARAMETERS = ["code", "state", "iss", "error", "error_description"] as const;

export interface PopupHandlers {
  /** The tenant has responded. The window is closed, and nothing more is called for it. */
  responded(parameters: ResponseParameters): void;
  /**
   * The window reads closed. Not final: a page that sets Cross-Origin-Opener-Policy makes
   * `closed` true while the window is still there, so a response may yet come.
   */
  closed(): void;
}

export interface Popup {
  /** Brings the window to the front. */
  show(): void;
  /** Closes the window and stops listening. */
  close(): void;
}

function parseResponse(data: unknown): ResponseParameters | null {
  const { type, response } = Object(data) as { type?: unknown; response?: unknown };
  if (type !== "authorization_response") return null;
  const given = Object(response) as Record<string, unknown>;
  const parameters: Record<string, string> = {};
  for (const field of PARAMETERS) {
    const value = given[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== "string") return null;
    parameters[field] = value.slice(0, MAX_PARAMETER);
  }
  return "code" in parameters || "error" in parameters ? parameters : null;
}

function features(): string {
  const left = Math.max(0, Math.round(window.screenX + (window.outerWidth - WIDTH) / 2));
  const top = Math.max(0, Math.round(window.screenY + (window.outerHeight - HEIGHT) / 2));
  return `popup,width=${WIDTH},height=${HEIGHT},left=${left},top=${top}`;
}

/**
 * The login window, or null when there is no URL for it or the browser did not let it open.
 *
 * Must be called in the click handler itself: after an `await` it is a popup to be blocked.
 */
export function openPopup(
  { authorize_url: url, tenant, callback }: Ready,
  handlers: PopupHandlers,
): Popup | null {
  if (url === null) return null;
  const opened = window.open(url, "_blank", features());
  if (!opened || opened.closed) return null;

  const listening = new AbortController();
  let closedPolls = 0;
  const poll = setInterval(() => {
    closedPolls = opened.closed ? closedPolls + 1 : 0;
    if (closedPolls === POLLS_UNTIL_CLOSED) {
      clearInterval(poll);
      handlers.closed();
    }
  }, POLL_MS);

  function close(): void {
    clearInterval(poll);
    listening.abort();
    opened?.close();
  }

  function receive(data: unknown): void {
    const parameters = parseResponse(data);
    if (parameters === null) return;
    close();
    window.focus();
    handlers.responded(parameters);
  }

  const { signal } = listening;
  if (callback === "page") listenToCallbackPage(url, receive, signal);
  else {
    window.addEventListener(
      "message",
      (event) => {
        if (event.origin === tenant && event.source === opened) receive(event.data);
      },
      { signal },
    );
  }
  return { show: () => opened.focus(), close };
}
