/** Makes invisible characters visible, which can change how a text reads. */

/** Embeddings, overrides and isolates (UAX 9), zero-width spaces, invisible operators, tags. */
const NEVER = /[\u00ad\u200b\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;
/** Marks and joiners that Arabic, Persian and emoji need. Between Latin letters they have no use. */
const BETWEEN_ASCII = /([!-~])([\u061c\u200c-\u200f]+)(?=[!-~])/g;

/** The character's code point, as in `[U+202E]`. */
function mark(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `[U+${code}]`;
}

/** The text, with such characters replaced by their code points. */
export function visible(text: string): string {
  return text
    .replace(NEVER, mark)
    .replace(BETWEEN_ASCII, (_, before, hidden) => before + [...hidden].map(mark).join(""));
}
