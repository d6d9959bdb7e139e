/** When a session ends, in words that a person can follow. Times are seconds since 1970, UTC. */

import type { Card } from "./messages";

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** A number and its unit stay on one line. */
const NO_BREAK = "\u00a0";

/** How long that is, in its two largest units: `2 d 3 h`, `9 h 59 min`, `9 min 5 s`, `45 s`. */
export function duration(seconds: number): string {
  const largest = Math.max(
    0,
    UNITS.findIndex(([, size]) => seconds >= size),
  );
  // The seconds of many minutes would only flicker.
  const shown = seconds >= 600 && seconds < 3_600 ? 1 : 2;
  let left = seconds;
  return UNITS.slice(seconds < 1 ? -1 : largest)
    .slice(0, shown)
    .map(([unit, size]) => {
      const count = Math.floor(left / size);
      left -= count * size;
      return count + NO_BREAK + unit;
    })
    .join(NO_BREAK);
}

/** The time of day; with its date unless that is today, with its year unless that is this one. */
export function localTime(seconds: number, now: number): string {
  const [date, today] = [new Date(seconds * 1000), new Date(now * 1000)];
  const options: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };
  if (date.toDateString() !== today.toDateString()) {
    options.month = "short";
    options.day = "numeric";
    if (date.getFullYear() !== today.getFullYear()) options.year = "numeric";
  }
  return date.toLocaleString([], options);
}

/** What becomes of the access token, and with it of the session. */
export function accessEnd(card: Card, now: number): string | null {
  // Nothing renews it while nobody uses it; the session goes on all the same.
  const at = card.access_token_expires_at;
  if (card.renewable && at !== null && at <= now) return "API access renews when used";
  const then = card.renewable ? "renews itself" : `then log in again${whyNotRenewable(card)}`;
  return end("API access", at, now, then);
}

/** Two notebooks of the same login may differ in this: only one kernel has the refresh token. */
function whyNotRenewable(card: Card): string {
  if (card.scope === null) return "";
  return card.scope.split(" ").includes("offline_access")
    ? ": this kernel has no valid refresh token"
    : ": offline_access was not granted";
}

/** What becomes of the ID token: the proof of who it is, made at the login. */
export function identityEnd(card: Card, now: number): string | null {
  return end("ID token", card.id_token_expires_at, now);
}

/** Until when a code can be typed; nothing once it cannot, for then the kernel says what to do. */
export function codeEnd(at: number, now: number): string | null {
  return at > now ? end("Valid", at, now) : null;
}

function end(what: string, at: number | null, now: number, then?: string): string | null {
  if (at === null) return null;
  const left = Math.floor(at - now);
  const time = localTime(at, now);
  if (left <= 0) return `${what} ended at ${time}`;
  return `${what} until ${time} (${duration(left)} left)${then ? `, ${then}` : ""}`;
}
