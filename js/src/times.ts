/** Expiry times as text. Times are seconds since 1970, UTC. */

import type { Card, KeptBy, NoRenewal } from "./messages";

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
  // From ten minutes on, seconds are left out.
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

/** The time of day, with the date unless it is today, and the year unless it is this year. */
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

/** Why nothing renews a session, after "then log in again: ". */
const NO_RENEWAL: Record<NoRenewal, string> = {
  restored: "a session restored from the browser is not renewed",
  not_requested: "the scope has no offline_access",
  not_granted: "the tenant did not grant offline_access",
  refused: "the tenant no longer renews it",
  lost: "its refresh token is no longer kept",
  forked: "a forked process does not renew it",
};

const RENEWED_BY: Record<KeptBy, string> = {
  server: "renewed by the Jupyter Server",
  machine: "renews itself, remembered by this machine",
};

/** When the access token expires, and whether the session is renewed then. */
export function accessTokenEnd(card: Card, now: number): string | null {
  const { access_token_expires_at: at, no_renewal: why, kept_by: place } = card;
  if (why !== null) return end("API access", at, now, `, then log in again: ${NO_RENEWAL[why]}`);
  const renewal = place === null ? "renews itself" : RENEWED_BY[place];
  if (at > now) return end("API access", at, now, `, ${renewal}`);
  return `${end("API access", at, now)}, and renews when it is next used`;
}

/** When the ID token expires. */
export function idTokenEnd(card: Card, now: number): string | null {
  return end("ID token", card.id_token_expires_at, now);
}

/** Until when the code can be typed; null once it has expired. Then the kernel sends an error. */
export function codeEnd(at: number, now: number): string | null {
  return at > now ? end("Valid", at, now) : null;
}

function end(what: string, at: number | null, now: number, then = ""): string | null {
  if (!at) return null;
  const left = at - now;
  const time = localTime(at, now);
  return left > 0
    ? `${what} until ${time} (${duration(left)} left)${then}`
    : `${what} ended at ${time}`;
}
