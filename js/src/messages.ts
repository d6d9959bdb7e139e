/**
 * The messages between this page and the kernel: a closed set on both sides.
 *
 * tests/fixtures/messages.json is the contract, read by the tests of both languages. What the page
 * sends is held to it by types; what it receives is `unknown` until `parseToPage` has read it.
 */

import { isSafe } from "./urls";

export type Status = "logged_out" | "logging_in" | "authenticated" | "expired" | "error";
export type StorageKind = "local" | "session" | "memory";
/** Where this page keeps the record: `denied` where it has no storage of its own. */
export type PageStorage = StorageKind | "denied";
export type Starter = "this_page" | "another_page" | "kernel";
/** Why a session is not renewed. */
export type NoRenewal = "restored" | "not_requested" | "not_granted" | "refused" | "forked";
export type StorageFailure = "denied" | "full";
/** How the response comes back from the login window: as a web message, or by the callback page. */
export type Callback = "message" | "page";
/** A way to log in from this page: in a window, by a link, by typing a code. */
export type Way = "window" | "link" | "code";
/** How much of itself the widget shows: everything, one button, or one line. */
export type Show = "card" | "button" | "badge";

/** The parameters of an authorization response (RFC 6749, 4.1.2; RFC 9207, 2). */
export interface ResponseParameters {
  readonly code?: string;
  readonly state?: string;
  readonly iss?: string;
  readonly error?: string;
  readonly error_description?: string;
}

/** This page has the loader only: it needs the code of the card. */
export interface Load {
  readonly type: "load";
  readonly page: string;
}

/** What this page can do (abilities.ts): by that the kernel chooses the way to log in. */
export interface Abilities {
  /** Its origin, to which the tenant may send a response; null where it has none of the web. */
  readonly origin: string | null;
  /** It can open a window, as far as it can tell. */
  readonly window: boolean;
  /** Such a window can send it a message. */
  readonly message: boolean;
  /** A plain link opens in the person's browser. */
  readonly link: boolean;
  /** It may use storage: what it has belongs to its origin alone. */
  readonly storage: boolean;
}

/** This page has loaded the widget. */
export interface Hello extends Abilities {
  readonly type: "hello";
  readonly page: string;
  /** The URL of the callback page, where this page's server serves one; otherwise absent. */
  readonly callback: string | undefined;
}

/** What this page's storage holds: sent on load, and when another tab has changed it. */
export interface StoredRecord {
  readonly type: "stored_record";
  readonly page: string;
  readonly record: string | null;
}

/** The person clicked Log in: the login window is open, or the link has been followed. */
export interface LoginStarted {
  readonly type: "login_started";
  readonly page: string;
  readonly way: "window" | "link";
}

/** The tenant's authorization response, from the login window. */
export interface AuthorizationResponse {
  readonly type: "authorization_response";
  readonly page: string;
  readonly response: ResponseParameters;
}

/** The browser did not let the login window open. */
export interface WindowBlocked {
  readonly type: "window_blocked";
  readonly page: string;
}

/** The login window reads closed. It may have been cut off from this page, and respond still. */
export interface WindowClosed {
  readonly type: "window_closed";
  readonly page: string;
}

/** The person clicked Cancel. */
export interface CancelLogin {
  readonly type: "cancel_login";
  readonly page: string;
}

/** The person asks that the next response come through the callback page. */
export interface UseCallbackPage {
  readonly type: "use_callback_page";
  readonly page: string;
}

/** The person asks for a code, to log in where no window works (RFC 8628). */
export interface UseCode {
  readonly type: "use_code";
  readonly page: string;
}

/** The person clicked Log out. */
export interface LogOut {
  readonly type: "log_out";
  readonly page: string;
}

/** Whether this browser could store the record. */
export interface StoreResult {
  readonly type: "store_result";
  readonly page: string;
  readonly ok: boolean;
  readonly reason: StorageFailure | null;
}

export type ToKernel =
  | Load
  | Hello
  | StoredRecord
  | LoginStarted
  | AuthorizationResponse
  | WindowBlocked
  | WindowClosed
  | CancelLogin
  | UseCallbackPage
  | UseCode
  | LogOut
  | StoreResult;

/**
 * What the card shows of a person and a session. Times are seconds since 1970, UTC.
 *
 * `id_token_expires_at` is null once the session has expired; `no_renewal` says why nothing renews
 * it, and is null where something does.
 */
export interface Card {
  readonly subject: string;
  readonly name: string | null;
  readonly nickname: string | null;
  readonly email: string | null;
  readonly picture: string | null;
  readonly profile: Readonly<Record<string, unknown>>;
  readonly scope: string;
  readonly audience: string | null;
  readonly id_token_expires_at: number | null;
  readonly access_token_expires_at: number;
  readonly no_renewal: NoRenewal | null;
  /** The Jupyter Server renews it, as it does for all notebooks of the person. */
  readonly renewed_by_server: boolean;
  /** The hub's user whose server this is, where the person seems to be another one. */
  readonly server_of: string | null;
}

/** A failure in words: a stable code, a sentence, and what to do next. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly next_step: string;
}

/** The code of the device flow (RFC 8628 section 3.3), for the page that asked for it only. */
export interface Device {
  readonly user_code: string;
  /** Where the person types it, on the tenant's own host. */
  readonly verification_uri: string;
  /** Seconds since 1970, UTC. */
  readonly expires_at: number;
  /** Why there is a code and no window; null when nothing went wrong before. */
  readonly reason: string | null;
  /** The same address with the code in it, and the QR code of that; null where there is none. */
  readonly verification_uri_complete: string | null;
  readonly qr: QrCode | null;
}

/** A QR code as the path of an SVG, whose side has `size` units. */
export interface QrCode {
  readonly size: number;
  readonly path: string;
}

export interface Ready {
  readonly type: "ready";
  readonly to: string;
  readonly tenant: string;
  readonly storage: PageStorage;
  readonly key: string;
  /** What Log in does; the other ways that there are are offered beside it. */
  readonly way: Way;
  /** Why it is not a window; null where it is. */
  readonly why: string | null;
  readonly callback: Callback;
  /** What a window opens; null where there is no way back from it, which the kernel explains. */
  readonly authorize_url: string | null;
  /** What a link opens; null where its response would not find the kernel. */
  readonly link_url: string | null;
  /** Where the tenant ends its own session too; null when that shall go on. */
  readonly logout_url: string | null;
  readonly show: Show;
}

export interface State {
  readonly type: "state";
  readonly to: string;
  readonly status: Status;
  /** Who has started the attempt under way; null where none is. A page may have been reloaded. */
  readonly started_by: Starter | null;
  /** Where the callback page passes on the responses that are still to come. */
  readonly channels: readonly string[];
  /** The channel of the login window that this page has opened with this widget. */
  readonly window: string | null;
  readonly waiting: boolean;
  readonly card: Card | null;
  readonly problem: Problem | null;
  readonly device: Device | null;
}

export interface Store {
  readonly type: "store";
  readonly to: string;
  /** Empty when what is stored shall be removed. */
  readonly record: string;
}

/** The code of the card, for the loader. */
export interface Code {
  readonly type: "code";
  readonly to: string;
  readonly code: string;
}

export type ToPage = Ready | State | Store | Code;

/** Caught in this module: whatever is wrong, the message is dropped as a whole. */
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
  // The upper end is what a Date can hold; beyond it formatting throws.
  if (typeof value !== "number" || !(value >= 0 && value <= 8.64e12)) malformed();
  return value;
}

function oneOf<T extends string>(value: unknown, ...allowed: readonly T[]): T {
  if (!(allowed as readonly unknown[]).includes(value)) malformed();
  return value as T;
}

function orNull<T>(value: unknown, parse: (value: unknown) => T): T | null {
  return value === null ? null : parse(value);
}

/** More than a login has that is under way in many pages at once. */
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

/** Our windows go to the tenant and nowhere else: not to another host, not to `javascript:`. */
function tenantUrl(value: unknown, tenant: string, path: string): string {
  const href = text(value);
  const url = new URL(href);
  // The origin alone would let `blob:https://tenant/...` through.
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
    no_renewal: orNull(it["no_renewal"], (reason) =>
      oneOf(reason, "restored", "not_requested", "not_granted", "refused", "forked"),
    ),
    renewed_by_server: flag(it["renewed_by_server"]),
    server_of: orNull(it["server_of"], text),
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
  // Modules and nothing else: no more of SVG than squares needs (21 to 177, ISO/IEC 18004).
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

function parse(value: unknown): ToPage {
  const it = fields(value);
  const to = text(it["to"]);
  const type = oneOf(it["type"], "ready", "state", "store", "code");
  if (type === "ready") {
    const tenant = text(it["tenant"]);
    const key = text(it["key"]);
    // Whatever else this origin keeps in its storage is none of the kernel's business.
    if (!key.startsWith("auth0-widget:")) malformed();
    return {
      type,
      to,
      tenant,
      storage: oneOf(it["storage"], "local", "session", "memory", "denied"),
      key,
      way: oneOf(it["way"], "window", "link", "code"),
      why: orNull(it["why"], text),
      callback: oneOf(it["callback"], "message", "page"),
      authorize_url: orNull(it["authorize_url"], (url) => tenantUrl(url, tenant, "/authorize")),
      link_url: orNull(it["link_url"], (url) => tenantUrl(url, tenant, "/authorize")),
      logout_url: orNull(it["logout_url"], (url) => tenantUrl(url, tenant, "/v2/logout")),
      show: oneOf(it["show"], "card", "button", "badge"),
    };
  }
  if (type === "state") {
    return {
      type,
      to,
      status: oneOf(it["status"], "logged_out", "logging_in", "authenticated", "expired", "error"),
      started_by: orNull(it["started_by"], (by) =>
        oneOf(by, "this_page", "another_page", "kernel"),
      ),
      channels: list(it["channels"], channel),
      window: orNull(it["window"], channel),
      waiting: flag(it["waiting"]),
      card: orNull(it["card"], card),
      problem: orNull(it["problem"], problem),
      device: orNull(it["device"], device),
    };
  }
  if (type === "code") return { type, to, code: text(it["code"]) };
  return { type, to, record: text(it["record"]) };
}

/** The message, made of the fields we know and nothing else; null when anything about it is wrong. */
export function parseToPage(value: unknown): ToPage | null {
  try {
    return parse(value);
  } catch {
    return null;
  }
}
