/** The login windows that this page has open, of all its widgets: one may show what another began. */

const open = new Map<string, Set<object>>();

/** Notes that a widget of the login with this key has this window open; the result takes it back. */
export function addWindow(key: string, popup: object): () => void {
  const windows = open.get(key) ?? new Set();
  open.set(key, windows.add(popup));
  return () => {
    windows.delete(popup);
  };
}

/** Whether any widget of the login with this key has a window open. */
export function hasOpenWindow(key: string): boolean {
  return (open.get(key)?.size ?? 0) > 0;
}
