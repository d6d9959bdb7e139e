/**
 * One login window: opened in a click, listened to until the tenant responds.
 *
 * The tenant's response is a `message` event (response_mode=web_message), which counts only when its
 * origin is the tenant's and its source is the window we opened; or it comes from our callback page.
 */

import { channelOf, listenToCallbackPage } from "./callback";
import type { Ready, ResponseParameters } from "./messages";
import { parseResponse } from "./response";

const WIDTH = 420;
const HEIGHT = 640;
const POLL_MS = 500;
/** `closed` must hold for this many polls: a window that navigates can read closed in passing. */
const POLLS_UNTIL_CLOSED = 3;

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
  /** Stops listening; the window stays, for another widget to hear its response. */
  release(): void;
  /** Calls these from now on: another widget goes on with the window. */
  handTo(handlers: PopupHandlers): void;
  /** The channel of its login: it names the window among all of this page. */
  readonly channel: string;
  /** Its response comes through the callback page, and any page of the login may hear it. */
  readonly viaCallbackPage: boolean;
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

  function release(): void {
    clearInterval(poll);
    listening.abort();
  }

  function close(): void {
    release();
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
  const state = new URL(url).searchParams.get("state");
  const channel = channelOf(state);
  const viaCallbackPage = callback === "page";
  if (viaCallbackPage) {
    listenToCallbackPage(
      channel,
      (data) => {
        if (Object(Object(data).response).state === state) receive(data);
      },
      signal,
    );
  } else {
    window.addEventListener(
      "message",
      (event) => {
        if (event.origin === tenant && event.source === opened) receive(event.data);
      },
      { signal },
    );
  }
  return {
    show: () => opened.focus(),
    close,
    release,
    handTo(others) {
      handlers = others;
    },
    channel,
    viaCallbackPage,
  };
}
