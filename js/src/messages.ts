/**
 * The messages between this page and the kernel: a closed set on both sides.
 *
 * tests/fixtures/messages.json has examples, which the tests of both languages read. The types check
 * what the page sends. What it receives is `unknown` until `parseToPage` has parsed it.
 */

import { isSafe } from "./urls";

export type Status = "logged_out" | "logging_in" | "authenticated" | "expired" | "error";
export type StorageKind = "local" | "session" | "memory";
/** Where this page stores the record. With `denied` it may use no storage. */
export type PageStorage = StorageKind | "denied";
export type Starter = "this_page" | "another_page" | "kernel";
/** Where a refresh token is, if not in the kernel. */
export type KeptBy = "server" | "machine";
/** Why a session is not renewed. */
export type NoRenewal =
  | "restored"
  | "not_requested"
  | "not_granted"
  | "refused"
  | "lost"
  | "forked";
export type StorageFailure = "denied" | "full";
/** How the response comes back from the login window: as a web message, or by the callback page. */
export type Callback = "message" | "page";
/**
 * A way to log in from this page: in a window, by a link, by typing a code; or the kernel logs in
 * without the person.
 */
export type Way = "window" | "link" | "code" | "unattended";
/** How much of the card is shown: everything, one button, or one line. */
export type Show = "card" | "button" | "badge";

/** The parameters of an authorization response (RFC 6749, 4.1.2; RFC 9207, 2). */
export interface ResponseParameters {
  readonly code?: string;
  readonly state?: string;
  readonly iss?: string;
  readonly error?: string;
  readonly error_description?: string;
}

/** This page has only the loader, and requests the code of the card. */
export interface Load {
  readonly type: "load";
  readonly page: string;
}

/** What this page can do (abilities.ts). The kernel chooses the way to log in by it. */
export interface Abilities {
  /** The web origin, to which the tenant may send a response; null if it has none. */
  readonly origin: string | null;
  /** It can open a window, as far as it can tell. */
  readonly window: boolean;
  /** Such a window can send it a message. */
  readonly message: boolean;
  /** A plain link opens in the person's browser. */
  readonly link: boolean;
  /** It may use storage, which no page of another origin can read. */
  readonly storage: boolean;
}

/** This page has loaded the widget. */
export interface Hello extends Abilities {
  readonly type: "hello";
  readonly page: string;
  /** The URL of the callback page; absent if this page's server has none. */
  readonly callback: string | undefined;
}

/** The record in this page's storage: sent after `Ready`, and when another tab has changed it. */
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

/** The login window seems closed. It may only be cut off from this page, and still respond. */
export interface WindowClosed {
  readonly type: "window_closed";
  readonly page: string;
}

/** The person clicked Cancel. */
export interface CancelLogin {
  readonly type: "cancel_login";
  readonly page: string;
}

/** The person clicked Use the callback page, for the next response. */
export interface UseCallbackPage {
  readonly type: "use_callback_page";
  readonly page: string;
}

/** The person requests a code, to log in without a window (RFC 8628). */
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
 * `id_token_expires_at` is null once the session has expired. `no_renewal` is the reason why the
 * session cannot be renewed, or null if it can.
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
  /** Where the refresh token is, if not in the kernel. */
  readonly kept_by: KeptBy | null;
  /** The hub's user whose server this is, if the person seems to be somebody else. */
  readonly server_of: string | null;
}

/** An error: a stable code, a sentence, and the next step. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly next_step: string;
}

/** The code of the device flow (RFC 8628, 3.3), for the page that requested it. */
export interface Device {
  readonly user_code: string;
  /** Where the person types the code, on the tenant's host. */
  readonly verification_uri: string;
  /** Seconds since 1970, UTC. */
  readonly expires_at: number;
  /** The message of the error because of which the person logs in with a code, or null. */
  readonly reason: string | null;
  /** The same URI with the code in it, and its QR code; null if the tenant sent no such URI. */
  readonly verification_uri_complete: string | null;
  readonly qr: QrCode | null;
}

/** A QR code as the path of an SVG image of `size` times `size` units. */
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
  /** What Log in does. */
  readonly way: Way;
  /** Why Log in does not open a window; null if it does. */
  readonly why: string | null;
  readonly callback: Callback;
  /** The URL for a window; null if the response could not come back. */
  readonly authorize_url: string | null;
  /** The URL for a link; null if the response could not reach the kernel. */
  readonly link_url: string | null;
  /** The URL that ends the session at the tenant; null if a logout does not end it. */
  readonly logout_url: string | null;
  readonly show: Show;
}

export interface State {
  readonly type: "state";
  readonly to: string;
  readonly status: Status;
  /** Who started the attempt under way, perhaps before a reload; null if there is none. */
  readonly started_by: Starter | null;
  /** The channels on which the callback page will send the responses that are awaited. */
  readonly channels: readonly string[];
  /** The channel of the login window that this page has opened with this widget. */
  readonly window: string | null;
  /** A cell waits for the person. If authenticated, it requests more than the session has. */
  readonly waiting: boolean;
  readonly card: Card | null;
  readonly problem: Problem | null;
  readonly device: Device | null;
}

export interface Store {
  readonly type: "store";
  readonly to: string;
  /** If it is empty, the stored record is removed. */
  readonly record: string;
}

/** The code of the card, for the loader. */
export interface Code {
  readonly type: "code";
  readonly to: string;
  readonly code: string;
}

export type ToPage = Ready | State | Store | Code;

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

function oneOf<T extends string>(value: unknown, ...allowed: readonly T[]): T {
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
    no_renewal: orNull(it["no_renewal"], (reason) =>
      oneOf(reason, "restored", "not_requested", "not_granted", "refused", "lost", "forked"),
    ),
    kept_by: orNull(it["kept_by"], (place) => oneOf(place, "server", "machine")),
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

function parse(value: unknown): ToPage {
  const it = fields(value);
  const to = text(it["to"]);
  const type = oneOf(it["type"], "ready", "state", "store", "code");
  if (type === "ready") {
    const tenant = text(it["tenant"]);
    const key = text(it["key"]);
    // The kernel must not access anything else in this origin's storage.
    if (!key.startsWith("auth0-widget:")) malformed();
    return {
      type,
      to,
      tenant,
      storage: oneOf(it["storage"], "local", "session", "memory", "denied"),
      key,
      way: oneOf(it["way"], "window", "link", "code", "unattended"),
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

/** The message, with its known fields only; null when it is malformed. */
export function parseToPage(value: unknown): ToPage | null {
  try {
    return parse(value);
  } catch {
    return null;
  }
}
