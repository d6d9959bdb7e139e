import { describe, expect, it } from "vitest";
import { visible } from "../src/visible";

describe("characters that turn text around or hide", () => {
  it.each([
    ["evil\u202Egnp.exe", "evil[U+202E]gnp.exe"],
    ["\u2066Ada\u2069", "[U+2066]Ada[U+2069]"],
    ["ad\u200Ba@example.com", "ad[U+200B]a@example.com"],
    ["ad\u200Ca@example.com", "ad[U+200C]a@example.com"],
    ["a\u200F\u200Eb", "a[U+200F][U+200E]b"],
    ["a\u034Fd\u180Ea\u2800b\uFE0Fc", "a[U+034F]d[U+180E]a[U+2800]b[U+FE0F]c"],
    ["Ada\u3164", "Ada[U+3164]"],
    ["Ada\uFEFF\u{E0041}", "Ada[U+FEFF][U+E0041]"],
  ])("are marked: %j", (text, shown) => expect(visible(text)).toBe(shown));

  it.each([
    "Ada Lovelace",
    "می\u200Cخواهم", // the joiner that Persian is written with
    "ليلى\u200F الأخيلية",
    "\u{1F469}\u200D\u{1F52C}", // a woman scientist: two emoji and a joiner
    "\u2764\uFE0F 1\uFE0F\u20E3", // a heart and a keycap, in colour
    "Софья Ковалевская",
    "",
  ])("are left where people need them: %j", (text) => expect(visible(text)).toBe(text));
});
