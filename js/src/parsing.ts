/**
 * Parses the messages of the kernel into the types of messages.ts. What this page receives is
 * `unknown` until `parseToPage` has parsed it.
 */

import type { Card, Device, Problem, QrCode, Ready, State, ToPage } from "./messages";
import {
  KEPT_BY,
  NO_RENEWALS,
  RESPONSE_DELIVERIES,
  SHOWS,
  STARTERS,
  STATUSES,
  WAYS,
} from "./messages";
import { STORAGES } from "./storage";
import { isSafe } from "./urls";

/** Caught by `parseToPage`, which drops the message. */
function malformed(): never {
  throw new Error();
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) malformed();
  return value as Fields;
}

function text(value: unknown): string {
  if (typeof value !== "string") malformed();
  return value;
}

function flag(value: unknown): boolean {
  if (typeof value !== "boolean") malformed();
  return value;
}

function time(value: unknown): number {
  // A Date cannot have a greater value: formatting it would throw.
  if (typeof value !== "number" || !(value >= 0 && value <= 8.64e12)) malformed();
  return value;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T {
  if (!(allowed as readonly unknown[]).includes(value)) malformed();
  return value as T;
}

function orNull<T>(value: unknown, parse: (value: unknown) => T): T | null {
  return value === null ? null : parse(value);
}

/** More channels than any login has. */
const MAX_CHANNELS = 500;

function list<T>(value: unknown, parse: (value: unknown) => T): T[] {
  if (!Array.isArray(value) || value.length > MAX_CHANNELS) malformed();
  return value.map(parse);
}

function channel(value: unknown): string {
  const name = text(value);
  if (!/^[A-Za-z0-9_-]{16,64}$/.test(name)) malformed();
  return name;
}

/** A URL of the tenant with this path. Windows must open nothing else, such as `javascript:`. */
function tenantUrl(value: unknown, tenant: string, path: string): string {
  const href = text(value);
  const url = new URL(href);
  // The origin is not enough: that of `blob:https://tenant/...` is the tenant's.
  if (!isSafe(href) || url.origin !== tenant || url.pathname !== path) malformed();
  return href;
}

function card(value: unknown): Card {
  const it = fields(value);
  return {
    subject: text(it["subject"]),
    name: orNull(it["name"], text),
    nickname: orNull(it["nickname"], text),
    email: orNull(it["email"], text),
    picture: orNull(it["picture"], text),
    profile: fields(it["profile"]),
    scope: text(it["scope"]),
    audience: orNull(it["audience"], text),
    id_token_expires_at: orNull(it["id_token_expires_at"], time),
    access_token_expires_at: time(it["access_token_expires_at"]),
    no_renewal: orNull(it["no_renewal"], (reason) => oneOf(reason, NO_RENEWALS)),
    kept_by: orNull(it["kept_by"], (place) => oneOf(place, KEPT_BY)),
    server_of: orNull(it["server_of"], text),
    profile_note: orNull(it["profile_note"], text),
  };
}

function problem(value: unknown): Problem {
  const it = fields(value);
  return {
    code: text(it["code"]),
    message: text(it["message"]),
    next_step: text(it["next_step"]),
  };
}

function safeUrl(value: unknown): string {
  const url = text(value);
  if (!isSafe(url)) malformed();
  return url;
}

function qrCode(value: unknown): QrCode {
  const it = fields(value);
  const size = it["size"];
  const path = text(it["path"]);
  // Only the commands that draw squares. A side has 21 to 177 modules (ISO/IEC 18004).
  if (typeof size !== "number" || !(size >= 21 && size <= 177)) malformed();
  if (!/^[Mhvz\d -]*$/.test(path)) malformed();
  return { size, path };
}

function device(value: unknown): Device {
  const it = fields(value);
  return {
    user_code: text(it["user_code"]),
    verification_uri: safeUrl(it["verification_uri"]),
    expires_at: time(it["expires_at"]),
    reason: orNull(it["reason"], text),
    verification_uri_complete: orNull(it["verification_uri_complete"], safeUrl),
    qr: orNull(it["qr"], qrCode),
  };
}

function ready(it: Fields, to: string): Ready {
  const tenant = text(it["tenant"]);
  const key = text(it["key"]);
  // The kernel must not access anything else in this origin's storage.
  if (!key.startsWith("auth0-widget:")) malformed();
  return {
    type: "ready",
    to,
    tenant,
    storage: oneOf(it["storage"], STORAGES),
    key,
    way: oneOf(it["way"], WAYS),
    why: orNull(it["why"], text),
    callback: oneOf(it["callback"], RESPONSE_DELIVERIES),
    authorize_url: orNull(it["authorize_url"], (url) => tenantUrl(url, tenant, "/authorize")),
    link_url: orNull(it["link_url"], (url) => tenantUrl(url, tenant, "/authorize")),
    logout_url: orNull(it["logout_url"], (url) => tenantUrl(url, tenant, "/v2/logout")),
    show: oneOf(it["show"], SHOWS),
  };
}

function state(it: Fields, to: string): State {
  return {
    type: "state",
    to,
    status: oneOf(it["status"], STATUSES),
    started_by: orNull(it["started_by"], (by) => oneOf(by, STARTERS)),
    channels: list(it["channels"], channel),
    window: orNull(it["window"], channel),
    waiting: flag(it["waiting"]),
    card: orNull(it["card"], card),
    problem: orNull(it["problem"], problem),
    device: orNull(it["device"], device),
  };
}

/** The message, with its known fields only; null when it is malformed. */
export function parseToPage(value: unknown): ToPage | null {
  try {
    const it = fields(value);
    const to = text(it["to"]);
    switch (it["type"]) {
      case "ready":
        return ready(it, to);
      case "state":
        return state(it, to);
      case "store":
        return { type: "store", to, record: text(it["record"]) };
      case "code":
        return { type: "code", to, code: text(it["code"]) };
      case "silent": {
        const tenant = text(it["tenant"]);
        return { type: "silent", to, tenant, url: tenantUrl(it["url"], tenant, "/authorize") };
      }
      default:
        return null;
    }
  } catch {
    return null;
  }
}
