import { describe, expect, it } from "vitest";
import { visible } from "../src/visible";

describe("characters that turn text around or hide", () => {
  it.each([
    ["evil\u202Egnp.exe", "evil[U+202E]gnp.exe"],
    ["\u2066Ada\u2069", "[U+2066]Ada[U+2069]"],
    ["ad\u200Ba@example.com", "ad[U+200B]a@example.com"],
    ["ad\u200Ca@example.com", "ad[U+200C]a@example.com"],
    ["a\u200F\u200Eb", "a[U+200F][U+200E]b"],
    ["Ada\uFEFF\u{E0041}", "Ada[U+FEFF][U+E0041]"],
  ])("are marked: %j", (text, shown) => expect(visible(text)).toBe(shown));

  it.each([
    "Ada Lovelace",
    "می\u200Cخواهم", // the joiner that Persian is written with
    "ليلى\u200F الأخيلية",
    "\u{1F469}\u200D\u{1F52C}", // a woman scientist: two emoji and a joiner
    "Софья Ковалевская",
    "",
  ])("are left where people need them: %j", (text) => expect(visible(text)).toBe(text));
});
