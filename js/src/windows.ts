/**
 * The login windows that this browser page has open, whichever of its widgets opened them: another
 * one shows them, and takes them over when that one's notebook was closed and is open again.
 */

import type { Popup } from "./popup";

/** One of them, in the hands of one widget. */
export interface LoginWindow {
  /** Which login it is for, of all kernels of the page. */
  readonly key: string;
  readonly popup: Popup;
  /** It reads closed, which proves nothing: a response may still come. */
  readsClosed: boolean;
  /** Tells the widget that another one has it now. */
  taken: () => void;
}

const open = new Set<LoginWindow>();
const changes = new EventTarget();

function tell(): void {
  changes.dispatchEvent(new Event("change"));
}

/** Calls back when a window was opened, reads closed or is gone, until the signal aborts. */
export function watchWindows(changed: () => void, signal: AbortSignal): void {
  changes.addEventListener("change", changed, { signal });
}

export function addWindow(window: LoginWindow): void {
  open.add(window);
  tell();
}

export function markClosed(window: LoginWindow): void {
  window.readsClosed = true;
  tell();
}

export function removeWindow(window: LoginWindow): void {
  open.delete(window);
  tell();
}

/** Takes over the window of this channel from whoever has it. */
export function takeWindow(channel: string, taken: LoginWindow["taken"]): LoginWindow | null {
  const found = [...open].find(({ popup }) => popup.channel === channel) ?? null;
  if (found !== null) {
    found.taken();
    found.taken = taken;
  }
  return found;
}

/** Whether a window of the login with this key is open, or all read closed; null where none is there. */
export function windowsOf(key: string): "open" | "closed" | null {
  const all = [...open].filter((window) => window.key === key);
  if (all.length === 0) return null;
  return all.every((window) => window.readsClosed) ? "closed" : "open";
}
