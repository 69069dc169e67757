/** Comma-separated values with a header line, as RFC 4180 writes them. */

/** Splits text into rows of fields; quotes may enclose commas, line ends and doubled quotes. One linear pass. */
function splitRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endRow = () => {
    row.push(field);
    if (row.length > 1 || field !== '') rows.push(row);
    row = [];
    field = '';
  };
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[i + 1] === '"') field += text.charAt(i++);
      else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === ',') {
      row.push(field);
      field = '';
    } else if (character === '\n') endRow();
    else if (character !== '\r') field += character;
  }
  if (quoted) throw new SyntaxError('A quoted field is never closed.');
  endRow();
  return rows;
}

/** One record a row, keyed by the header's names in lower case; missing fields are absent. */
export function parseCsv(text: string): Record<string, string>[] {
  const [header = [], ...rows] = splitRows(text.replace(/^\uFEFF/, ''));
  const names = header.map((name) => name.trim().toLowerCase());
  return rows.map((row) => Object.fromEntries(row.map((field, i) => [names[i] ?? `column${i}`, field])));
}
