/** Parses what spreadsheets put on the clipboard: cells by tabs, rows by line ends, quotes around cells with either. */
export function parseCells(text: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  const end = text.replace(/\r\n?/g, "\n");
  const whole = end.endsWith("\n") ? end.slice(0, -1) : end;
  while (at <= whole.length) {
    let cell = "";
    if (whole[at] === '"') {
      const closed = /"((?:[^"]|"")*)"(?=[\t\n]|$)/y;
      closed.lastIndex = at;
      const found = closed.exec(whole);
      if (found) {
        cell = (found[1] ?? "").replaceAll('""', '"');
        at = closed.lastIndex;
      }
    }
    if (cell === "" && whole[at] !== "\t" && whole[at] !== "\n") {
      const next = whole.slice(at).search(/[\t\n]/);
      const stop = next === -1 ? whole.length : at + next;
      cell = whole.slice(at, stop);
      at = stop;
    }
    rows.at(-1)?.push(cell);
    if (whole[at] === "\n") rows.push([]);
    at++;
  }
  return rows;
}

const quoted = (cell: string): string => (/["\t\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** Formats cells for the clipboard of a spreadsheet. */
export const formatCells = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.map(quoted).join("\t")).join("\n");
