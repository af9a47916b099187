import { plural, t } from "@lingui/core/macro";
import { importTexts } from "@/lib/api/texts/import-texts";
import { textOfMessage, type MessageText } from "@/lib/api/texts/message-texts";
import { columnTypes } from "./column-types";

const typeText = (type: string) => (columnTypes as Record<string, string>)[type] ?? type;

/** What to change, as the server suggests it. */
const suggestions: readonly MessageText[] = [
  [/^Read the text as (.+)$/, (name) => t`Read the text as ${name}`],
  [/^Skip the first line: the table begins below the title$/, () => t`Skip the first line: it is a title`],
  [
    /^Skip the first (\d+) lines: the table begins below (?:the title|them)$/,
    (lines) => t`Skip the first ${lines} lines: the table begins below them`,
  ],
  [
    /^Keep the (\d+) rows of a different length: /,
    (rows) =>
      t`Keep the ${rows} rows of a different length: missing fields are empty, additional ones get columns`,
  ],
  [/^Use ' as the quotation mark$/, () => t`Use ' as the quotation mark`],
  [
    /^Treat a backslash before a quotation mark as an escape$/,
    () => t`Treat a backslash before a quotation mark as an escape`,
  ],
  [/^Treat quotation marks as text$/, () => t`Treat quotation marks as text`],
  [/^Read the rows at (.+)$/, (path) => t`Read the rows at ${path}`],
  [
    /^Repeat the value in all cells of a merged range$/,
    () => t`Repeat the value in all cells of a merged range`,
  ],
  [/^Read dates as day, month, year \((.*)\)$/s, (column) => t`Read dates as day, month, year (${column})`],
  [/^Read dates as month, day, year \((.*)\)$/s, (column) => t`Read dates as month, day, year (${column})`],
  [/^Read dates as year, month, day \((.*)\)$/s, (column) => t`Read dates as year, month, day (${column})`],
  [
    /^Read numbers such as (\S+) \((.*)\)$/s,
    (example, column) => t`Read numbers such as ${example} (${column})`,
  ],
  [/^Ignore spaces around values \((.*)\)$/s, (column) => t`Ignore spaces around values (${column})`],
  [
    /^Leave out (\d+) empty rows?$/,
    (count) => plural(Number(count), { one: "Leave out # empty row", other: "Leave out # empty rows" }),
  ],
  [/^Read (.+) as missing values$/s, (words) => t`Read ${words} as missing values`],
  [
    /^Read the first row as values: it looks like the others$/,
    () => t`Read the first row as values: it looks like the others`,
  ],
  [/^Read the first row as column names$/, () => t`Read the first row as column names`],
];

/** What readers must know about a table. */
const notes: readonly MessageText[] = [
  [/^The sheet is hidden\.$/, () => t`The sheet is hidden.`],
  [/^1 empty line was skipped \(line (\d+)\)\.$/, (line) => t`1 empty line was skipped (line ${line}).`],
  [
    /^(\d+) empty lines were skipped \(the first on line (\d+)\)\.$/,
    (count, line) => t`${count} empty lines were skipped (the first on line ${line}).`,
  ],
  [
    /^1 row has a value with line breaks \(line (\d+)\)\.$/,
    (line) => t`1 row has a value with line breaks (line ${line}).`,
  ],
  [
    /^(\d+) rows have values with line breaks \(the first on line (\d+)\)\.$/,
    (count, line) => t`${count} rows have values with line breaks (the first on line ${line}).`,
  ],
  [
    /^1 row has a different number of fields \(line (\d+)\)\.$/,
    (line) => t`1 row has a different number of fields (line ${line}).`,
  ],
  [
    /^(\d+) rows have a different number of fields \(the first on line (\d+)\)\.$/,
    (count, line) => t`${count} rows have a different number of fields (the first on line ${line}).`,
  ],
  [
    /^Column (\d+) has no name and is called (.+)\.$/s,
    (place, name) => t`Column ${place} has no name and is called ${name}.`,
  ],
  [
    /^Column (\d+) was renamed to (.+): its name is taken, too long or not on one line\.$/s,
    (place, name) =>
      t`Column ${place} was renamed to ${name}: its name is taken, too long or not on one line.`,
  ],
  [
    /^Some values would be written differently as (\w+)(.*): declare the type \w+ to convert them$/s,
    (type, example) => {
      const [name, shown] = [typeText(type), placesText(example)];
      return t`Some values would be written differently as ${name}${shown}. Select this type to convert them.`;
    },
  ],
  [
    /^1 of ([\d ]+) values is not .+?: (\w+ \d+ \(.*)$/s,
    (all, places) => t`1 of ${all} values does not have this type: ${placesText(places)}`,
  ],
  [
    /^([\d ]+) of ([\d ]+) values are not .+?: (\w+ \d+ \(.*)$/s,
    (count, all, places) => t`${count} of ${all} values do not have this type: ${placesText(places)}`,
  ],
  [
    /^([\d ]+) cells? ha(?:s|ve) an error instead of a value: (.*)$/s,
    (count, places) => {
      const number = Number(count.replaceAll(" ", ""));
      const cells = plural(number, {
        one: "# cell has an error instead of a value",
        other: "# cells have an error instead of a value",
      });
      return `${cells}: ${placesText(places)}`;
    },
  ],
];

/** Why a file cannot be read. */
const problems: readonly MessageText[] = [
  [
    /^line (\d+) is not UTF-8: select the encoding, which may be (.+)$/,
    (line, name) => t`Line ${line} is not UTF-8. Select the encoding, which may be ${name}.`,
  ],
  [
    /^line (\d+) has (\d+) fields, but the first line has (\d+): /,
    (line, count, first) =>
      t`Line ${line} has ${count} fields, but the first line has ${first}. Is a quote or a delimiter missing?`,
  ],
  [
    /^line (\d+) is not (.+): select another encoding$/,
    (line, name) => t`Line ${line} is not ${name}. Select another encoding.`,
  ],
];

/** Translates the places of values: `line 17 (n/a), row 5 (-), …`, and of one: `(99,90, line 6)`. */
function placesText(places: string): string {
  return places
    .replace(/(^|, )line (\d+)(?= \(|\)$)/g, (_, before: string, at: string) => before + t`line ${at}`)
    .replace(/(^|, )row (\d+)(?= \(|\)$)/g, (_, before: string, at: string) => before + t`row ${at}`);
}

/** Returns a suggestion in the reader's language, or unchanged if it is unknown. */
export const suggestionText = (message: string): string => textOfMessage(suggestions, message) ?? message;

/** Returns a note about a table or a column in the reader's language, or unchanged if it is unknown. */
export const noteText = (message: string): string => textOfMessage(notes, message) ?? message;

/** Returns why a file cannot be read in the reader's language, or unchanged if it is unknown. */
export const problemText = (message: string): string =>
  textOfMessage([...problems, ...importTexts], message) ?? message;

/** The labels of the values of options. Values without a label are names, such as those of encodings or sheets. */
const words: Record<string, Record<string, string>> = {
  delimiter: {
    comma: t`Comma`,
    semicolon: t`Semicolon`,
    tab: t`Tab`,
    pipe: t`Vertical bar`,
  },
  quote: {
    double: '"',
    single: "'",
    backslash: '\\"',
    none: t`None`,
  },
};

/** Returns the label of a value of an option for reading a file. */
export const optionText = (option: string, value: string): string => words[option]?.[value] ?? value;
