/**
 * Stores the session record in the browser. The record is a string that the kernel creates and
 * verifies.
 */

export type StorageFailure = "denied" | "full";

/** UTF-16 units. A larger record is not from a kernel. */
const LARGEST_RECORD = 256 * 1024;

/** Our event for other widgets of this document, which get no `storage` event for its writes. */
const WRITTEN = "auth0-widget:written";

export interface RecordStore {
  /** The record; null when there is none, when it is too large, or when reading is denied. */
  read(): string | null;
  /**
   * Stores the record, or removes the stored one if it is empty. Returns null, or the reason why the
   * record could not be stored. Then it is kept in memory until the page is closed.
   */
  write(record: string): StorageFailure | null;
  /** Calls back with the record after another page, or another widget of this page, changed it. */
  watch(changed: (record: string | null) => void, signal: AbortSignal): void;
}

function withinLimit(record: string | null): string | null {
  return record !== null && record.length <= LARGEST_RECORD ? record : null;
}

function memoryStore(failure: StorageFailure | null): RecordStore {
  let held: string | null = null;
  return {
    read: () => held,
    write(record) {
      held = record || null;
      return failure;
    },
    watch() {},
  };
}

function reasonOf(failure: unknown): StorageFailure {
  const name = failure instanceof DOMException ? failure.name : "";
  return name === "QuotaExceededError" || name === "NS_ERROR_DOM_QUOTA_REACHED" ? "full" : "denied";
}

function webStore(name: "localStorage" | "sessionStorage", key: string): RecordStore {
  /** A record that could not be stored. It is newer than the stored one. */
  let notStored: string | null = null;
  let writing = false;

  function saved(): string | null {
    try {
      // Reading the property throws if site data is blocked.
      return withinLimit(window[name].getItem(key));
    } catch {
      return null;
    }
  }

  return {
    read: () => withinLimit(notStored) ?? saved(),
    write(record) {
      try {
        const changed = window[name].getItem(key) !== (record || null);
        if (record) window[name].setItem(key, record);
        else window[name].removeItem(key);
        notStored = null;
        if (changed) {
          writing = true;
          window.dispatchEvent(new CustomEvent(WRITTEN, { detail: key }));
          writing = false;
        }
        return null;
      } catch (failure) {
        notStored = record || null;
        try {
          // The older record must not stay: the new one may be the tombstone of a logout.
          window[name].removeItem(key);
        } catch {
          // Denied, too. Then no record is stored.
        }
        return reasonOf(failure);
      }
    },
    watch(changed, signal) {
      const notify = () => {
        notStored = null;
        changed(saved());
      };
      window.addEventListener(
        WRITTEN,
        (event) => {
          if (!writing && event instanceof CustomEvent && event.detail === key) notify();
        },
        { signal },
      );
      window.addEventListener(
        "storage",
        (event) => {
          // A null key means that the whole storage was cleared.
          const ours = event.key === key || event.key === null;
          if (ours && event.storageArea === area(name)) notify();
        },
        { signal },
      );
    },
  };
}

function area(name: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return window[name];
  } catch {
    return null;
  }
}

/** The stores, by what the kernel calls them. With `denied` this page may use no storage. */
const STORES = {
  local: (key: string) => webStore("localStorage", key),
  session: (key: string) => webStore("sessionStorage", key),
  memory: () => memoryStore(null),
  denied: () => memoryStore("denied"),
};

/** Where this page stores the record. */
export type PageStorage = keyof typeof STORES;
export const STORAGES = Object.keys(STORES) as PageStorage[];

/** The store of this kind. Storage is accessed only when its methods are called. */
export function openStore(kind: PageStorage, key: string): RecordStore {
  return STORES[kind](key);
}
