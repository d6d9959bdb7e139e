/**
 * The login windows of this browser page, of all its widgets. A widget shows the windows of the others.
 * When a notebook was closed and opened again, its new widget takes over the window of the old one.
 */

import type { Popup } from "./popup";

/** A login window, which belongs to one widget at a time. */
export interface LoginWindow {
  /** The storage key of the login's record, which identifies the login. */
  readonly key: string;
  readonly popup: Popup;
  /** `window.closed` is true. A response may still come, see popup.ts. */
  seemsClosed: boolean;
  /** Called when another widget has taken over the window. */
  onTaken: () => void;
}

const open = new Set<LoginWindow>();
const changes = new EventTarget();

function notify(): void {
  changes.dispatchEvent(new Event("change"));
}

/** Calls back after a window was added, marked as closed or removed, until the signal aborts. */
export function watchWindows(changed: () => void, signal: AbortSignal): void {
  changes.addEventListener("change", changed, { signal });
}

export function addWindow(window: LoginWindow): void {
  open.add(window);
  notify();
}

export function markClosed(window: LoginWindow): void {
  window.seemsClosed = true;
  notify();
}

export function removeWindow(window: LoginWindow): void {
  open.delete(window);
  notify();
}

/** Takes over the window of this channel. Null when there is none. */
export function takeWindow(channel: string, onTaken: LoginWindow["onTaken"]): LoginWindow | null {
  const found = [...open].find(({ popup }) => popup.channel === channel) ?? null;
  if (found !== null) {
    found.onTaken();
    found.onTaken = onTaken;
  }
  return found;
}

/** Whether a window of the login with this key is open, or all seem closed; null when it has none. */
export function windowsOf(key: string): "open" | "closed" | null {
  const all = [...open].filter((window) => window.key === key);
  if (all.length === 0) return null;
  return all.every((window) => window.seemsClosed) ? "closed" : "open";
}
