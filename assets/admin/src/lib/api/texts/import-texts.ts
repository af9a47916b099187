import { t } from "@lingui/core/macro";
import { textOfMessage, type MessageText } from "./message-texts";

/** Why a column cannot hold a value, as the end of a sentence. */
const misfitTexts: readonly MessageText[] = [
  [/^where the column requires one$/, () => t`is missing, but the column requires a value`],
  [/^has a time of day/, () => t`has a time of day, which a date does not have`],
  [
    /^has (\d+) decimal places of seconds: the column keeps (\d+)$/,
    (found, most) => t`has ${found} decimal places of seconds, but the column keeps ${most}`,
  ],
  [/^has no time zone/, () => t`has no time zone, but the column requires one`],
  [/^has a time zone/, () => t`has a time zone, which the column does not keep`],
  [/^has more digits than the column keeps$/, () => t`has more digits than the column keeps`],
  [
    /^has (\d+) decimal places: the column keeps (\d+)$/,
    (found, most) => t`has ${found} decimal places, but the column keeps ${most}`,
  ],
];

/** What is wrong with a field of a table that is created from a file. */
export const importFieldTexts: readonly MessageText[] = [
  [
    /^there is already a table `(.*)`: /s,
    (table) => t`There is already a table ${table}. Enter another name, or append the rows to it.`,
  ],
  [/^there is no table `(.*)`: create it$/s, (table) => t`There is no table ${table}. Create it.`],
  [/^`(.*)` is not a table: name a table$/s, (name) => t`${name} is not a table. Select a table.`],
  [/^several schemas have this table: name one$/, () => t`Several schemas have this table. Select one.`],
  [/^the table has no column `(.*)`: it has /s, (column) => t`The table has no column ${column}.`],
  [
    /^the database computes this column: leave it out$/,
    () => t`The database computes this column. Leave it out.`,
  ],
  [/^must be false for a column of the key$/, () => t`A column of the primary key must have values.`],
  [/^is not the name of one of the columns$/, () => t`The primary key must be one of the columns.`],
  [
    /^is the name of (?:another|a) column.*: choose another$/,
    () => t`Another column has this name. Enter another name.`,
  ],
  [/^must be 1 to 63 bytes long$/, () => t`Enter a name of at most 63 bytes.`],
  [
    /^must not begin or end with a space/,
    () => t`Must not begin or end with a space, or contain line breaks or control characters`,
  ],
  [/^must not begin with `(.*)`$/, (start) => t`Must not begin with ${start}`],
  [/^cannot have more than (\d+) decimal places$/, (most) => t`Must have at most ${most} decimal places`],
  [/^cannot be decimal in SQLite/, () => t`SQLite has no exact decimals. Select real or text.`],
  [/^cannot be json in a key of MySQL/, () => t`MySQL has no keys of JSON. Select text.`],
];

/** Why the rows of a file were not written to a table. */
export const importTexts: readonly MessageText[] = [
  [
    /^line (\d+), column (.+): "(.*)" is not of the type \w+: correct the value, add it to /s,
    (line, column, value) =>
      t`Line ${line}, column ${column}: “${value}” does not have the type of the column. Correct the value, add it to the “Missing values”, or select the type “Text”.`,
  ],
  [
    /^row (\d+), column (.+): "(.*)" is not of the type \w+: correct the value, add it to /s,
    (row, column, value) =>
      t`Row ${row}, column ${column}: “${value}” does not have the type of the column. Correct the value, add it to the “Missing values”, or select the type “Text”.`,
  ],
  [/^reading the file was cancelled: nothing was written$/, () => t`Cancelled. Nothing was written.`],
  [
    /^(?:row|line) (\d+), column (.*?): (".*?"|\S+) (.*)\. Correct the value, or choose another type for the column\. Nothing was written\.$/s,
    (row, column, value, why = "") => {
      const reason = textOfMessage(misfitTexts, why) ?? why;
      return t`Row ${row}, column ${column}: ${value} ${reason}. Correct the value, or select another type for the column. Nothing was written.`;
    },
  ],
  [
    /^(?:row|line) (\d+)(?:, column (.*?) \((.*?)\))?: (.*)\. Correct the value, or change the type or the key of the table\. Nothing was written\.$/s,
    (row, column, value, why) =>
      column
        ? t`Row ${row}, column ${column} (${value}): ${why}. Correct the value, or change the type or the key of the table. Nothing was written.`
        : t`Row ${row}: ${why}. Correct the value, or change the type or the key of the table. Nothing was written.`,
  ],
];
