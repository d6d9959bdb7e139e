/** Makes invisible characters visible, which can change how a text reads. */

/** Embeddings, overrides and isolates (UAX 9), zero-width spaces, invisible operators, tags. */
const NEVER = /[\u00ad\u200b\u202a-\u202e\u2060-\u2069\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]/gu;
/** Marks, joiners and blanks that scripts, braille and emoji need. Between Latin letters they have no use. */
const BETWEEN_ASCII =
  /([!-~])((?:[\u061c\u180e\u200c-\u200f\u2800]|\u034f|\p{Variation_Selector})+)(?=[!-~])/gu;
/** A character that can be seen. U+2800 is a braille cell without dots. */
const SEEN = /[^\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** The character's code point, as in `[U+202E]`. */
function mark(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `[U+${code}]`;
}

/** Whether the text has a character that can be seen. */
export function canBeSeen(text: string | null): text is string {
  return text !== null && SEEN.test(text);
}

/** The text, with such characters replaced by their code points. */
export function visible(text: string): string {
  return text
    .replace(NEVER, mark)
    .replace(BETWEEN_ASCII, (_, before, hidden) => before + [...hidden].map(mark).join(""));
}
