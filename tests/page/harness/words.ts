/** The words of a text, without case and punctuation. */
export function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Words that differ (changed, missing, added) for each word of `expected`. */
export function wordError(heard: string, expected: string): number {
  const said = words(heard);
  const wanted = words(expected);
  let row = said.map((_, index) => index + 1);
  for (const [index, word] of wanted.entries()) {
    let diagonal = index;
    let left = index + 1;
    row = row.map((above, column) => {
      const changed = diagonal + (said[column] === word ? 0 : 1);
      diagonal = above;
      left = Math.min(changed, above + 1, left + 1);
      return left;
    });
  }
  return (row.at(-1) ?? wanted.length) / Math.max(wanted.length, 1);
}
