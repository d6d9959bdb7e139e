/**
 * A login window, which is opened in a click handler and closed when the tenant has responded.
 *
 * The tenant's response is a `message` event (response_mode=web_message), which counts only when its
 * origin is the tenant's and its source is the window we opened; or it comes from our callback page.
 */

import { channelOf, listenToCallbackPage } from "./callback";
import type { Ready, ResponseParameters } from "./messages";
import { listenToTenant, parseResponse } from "./response";

const WIDTH = 420;
const HEIGHT = 640;
const POLL_MS = 500;
/** `closed` must be true for this many polls: it can be true for a moment during a navigation. */
const POLLS_UNTIL_CLOSED = 3;

export interface PopupHandlers {
  /** The tenant has responded and the window is closed. No handler is called after this. */
  responded(parameters: ResponseParameters): void;
  /**
   * `closed` is true. A page that sets Cross-Origin-Opener-Policy makes it true while the window is
   * still open, so a response may still come.
   */
  closed(): void;
}

export interface Popup {
  /** Brings the window to the front. */
  show(): void;
  /** Closes the window and stops listening. */
  close(): void;
  /** Stops listening and leaves the window open. Another widget can receive its response. */
  release(): void;
  /** Calls these handlers from now on, because another widget has taken over the window. */
  setHandlers(handlers: PopupHandlers): void;
  /** The channel of its login, which identifies the window. */
  readonly channel: string;
  /** Its response comes through the callback page. Any page of the login may receive it. */
  readonly viaCallbackPage: boolean;
}

function features(): string {
  const left = Math.max(0, Math.round(window.screenX + (window.outerWidth - WIDTH) / 2));
  const top = Math.max(0, Math.round(window.screenY + (window.outerHeight - HEIGHT) / 2));
  return `popup,width=${WIDTH},height=${HEIGHT},left=${left},top=${top}`;
}

/**
 * Opens the login window. Null when there is no URL for it or the browser blocked it.
 *
 * Call it in the click handler itself: after an `await`, the browser would block the window.
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

  function receive(parameters: ResponseParameters | null): void {
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
        if (Object(Object(data).response).state === state) receive(parseResponse(data));
      },
      signal,
    );
  } else {
    listenToTenant(tenant, opened, receive, signal);
  }
  return {
    show: () => opened.focus(),
    close,
    release,
    setHandlers(others) {
      handlers = others;
    },
    channel,
    viaCallbackPage,
  };
}
