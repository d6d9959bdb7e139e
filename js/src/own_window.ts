/**
 * The login window of one widget: the widget has opened it, or taken it over from the widget that
 * stood there before. The windows of the page's other widgets are in windows.ts.
 */

import type { Ready, ResponseParameters } from "./messages";
import type { openPopup } from "./popup";
import type { LoginWindow } from "./windows";
import {
  addWindow,
  markClosed,
  removeWindow,
  takeWindow,
  watchWindows,
  windowsOf,
} from "./windows";

/**
 * This widget's window, which is open or seems closed; that of another widget of this page, which is
 * open or seems closed; or null for none. A window that seems closed may respond.
 */
export type WindowState = "open" | "closed" | "in_page" | "in_page_closed" | null;

export interface OwnWindowHandlers {
  /** The tenant has responded, and the window is closed. */
  responded(response: ResponseParameters): void;
  /** The window seems closed. */
  closed(): void;
  /** The state may have changed by what another widget of this page did. */
  changed(): void;
}

export interface OwnWindow {
  /** The state for the login with this storage key; null if the key is not known yet. */
  state(key: string | null): WindowState;
  /** The channel of the login in the window, if there is one. */
  channel(): string | undefined;
  /** Closes the window and opens a new one. False if there is no URL or the browser blocked it. */
  open(ready: Ready): boolean;
  /**
   * Takes over the window of this channel, if another widget of this page has it. Returns whether
   * the window seems closed.
   */
  takeOver(channel: string): boolean;
  show(): void;
  close(): void;
}

/** The login window of one widget. It is closed when the signal aborts. */
export function createOwnWindow(
  open: typeof openPopup,
  { responded, closed, changed }: OwnWindowHandlers,
  signal: AbortSignal,
): OwnWindow {
  let own: LoginWindow | null = null;

  const handlers = {
    responded(response: ResponseParameters) {
      responded(response);
      forget();
    },
    closed() {
      if (own !== null) markClosed(own);
      closed();
    },
  };

  function taken(): void {
    own = null;
    changed();
  }

  function forget(): void {
    if (own === null) return;
    const gone = own;
    own = null;
    removeWindow(gone);
  }

  function close(): void {
    own?.popup.close();
    forget();
  }

  watchWindows(() => {
    if (own === null) changed();
  }, signal);

  signal.addEventListener("abort", () => {
    // If any page may receive the response, the next widget will, so the window stays open.
    if (own?.popup.viaCallbackPage) own.popup.release();
    else own?.popup.close();
    forget();
  });

  return {
    state(key) {
      if (own !== null) return own.seemsClosed ? "closed" : "open";
      const others = key === null ? null : windowsOf(key);
      if (others === null) return null;
      return others === "open" ? "in_page" : "in_page_closed";
    },
    channel: () => own?.popup.channel,
    open(ready) {
      close();
      const popup = open(ready, handlers);
      if (popup === null) return false;
      own = { key: ready.key, popup, seemsClosed: false, onTaken: taken };
      addWindow(own);
      return true;
    },
    takeOver(channel) {
      if (own !== null) return false;
      own = takeWindow(channel, taken);
      own?.popup.setHandlers(handlers);
      return own?.seemsClosed === true;
    },
    show: () => own?.popup.show(),
    close,
  };
}
