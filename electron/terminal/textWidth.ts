/** Text in terminal columns, where 漢字 and most emoji take two and colour codes none. */
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** Latin, Greek, and the lines, blocks and marks of our own displays: all narrow, and measured often. */
const narrow = /^[ -~\u00a0-\u02ff\u0370-\u03ff\u2010-\u2027\u2212\u221e\u2500-\u25a0◆★✓✗]*$/;

export function textWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  return narrow.test(plain) ? plain.length : stringWidth(plain);
}

/** Fills up with spaces. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + space : space + text;
}

const segmenter = new Intl.Segmenter();

/** At most `width` columns, the end replaced by `…`; colour codes are dropped where it must be cut. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of segmenter.segment(stripVTControlCharacters(text))) {
    used += textWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** One line without control characters: captions and file names must not move the cursor or recolour the terminal. */
export function plainLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
}

/** Lines of words, each of `width` columns at most; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer) <= width) {
      line = longer;
    } else {
      if (line !== '') lines.push(line);
      line = truncate(word, width);
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}
