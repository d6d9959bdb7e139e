/**
 * Where the session record lives in the browser. The record is opaque here: a string the kernel
 * made and the kernel will verify.
 */

import type { PageStorage, StorageFailure } from "./messages";

/** In UTF-16 units; far above any real record. What is larger was not put there by us. */
const LARGEST_RECORD = 256 * 1024;

/** Storage events do not reach the document that wrote, and one document can hold many notebooks. */
const WRITTEN = "auth0-widget:written";

export interface RecordStore {
  /** The record; null when there is none, when it is too large, or when reading is denied. */
  read(): string | null;
  /**
   * Keeps the record, or removes what is kept when it is empty. Null when that was done; otherwise
   * why not, and the record is then held until the page is closed.
   */
  write(record: string): StorageFailure | null;
  /** Calls back with the record whenever another page or another widget here has changed it. */
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
  /** A record that could not be stored; newer than the stored one. */
  let notStored: string | null = null;
  let writing = false;

  function saved(): string | null {
    try {
      // The property itself throws where site data is blocked.
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
          // An older record must not outlive the newer one: this may be the tombstone of a logout.
          window[name].removeItem(key);
        } catch {
          // Denied as well: then there is nothing of ours in it.
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
          // A null key says that everything was cleared, ours included.
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

/** The store the kernel asked for. Nothing is read or written before its methods are called. */
export function openStore(kind: PageStorage, key: string): RecordStore {
  if (kind === "memory") return memoryStore(null);
  if (kind === "denied") return memoryStore(kind);
  return webStore(kind === "local" ? "localStorage" : "sessionStorage", key);
}
