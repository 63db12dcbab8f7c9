/** The width of a letter of chart text, about. */
export const LETTER_PX = 6.8;

/** `text` in `px`, its end cut off where it does not fit. */
export function cutTo(text: string, px: number): string {
  const room = Math.max(2, Math.floor(px / LETTER_PX));
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}
