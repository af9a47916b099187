// Carries messages over to new texts: in the sources, and in a catalogue, whose translations stay with them.
import { messagesOf, parseMessage, renumber, sourceOf, writeMessage } from "./messages.mjs";

/** Code with braces in a server text: `scripts/server-texts.mjs` makes values of it. */
const CODE = /`[^`]*[{}][^`]*`/g;

/** The id of a text that the server sends; `others` has the code of the text that it translates. */
export function serverId(text, others = text) {
  const code = others.match(CODE) ?? [];
  return text.replaceAll("\n", " ").replace(CODE, (piece) => {
    const index = code.indexOf(piece);
    if (index < 0) throw new Error(`the German has other code: ${piece}`);
    return `{${index}}`;
  });
}

/** The placeholders of a message, and the branches of its plurals. */
function placeholdersOf(text) {
  const names = new Set();
  writeMessage(parseMessage(text), { value: (name) => (names.add(`{${name}}`), name), tag: (index) => (names.add(`<${index}>`), index) });
  return [...names].sort().join(" ");
}

/** One wanted change in the words of the catalogue, with values numbered as the macros do. */
function asIds({ old, new: wanted, de }, known) {
  if (!known(old) && known(serverId(old))) return { old: serverId(old), wanted: serverId(wanted), german: de && serverId(de, wanted), inOrder: (german) => german };
  const { text, values, tags } = renumber(wanted);
  const inOrder = (german) => writeMessage(parseMessage(german), { value: (name) => values.get(name) ?? name, tag: (index) => tags.get(index) ?? index });
  return { old, wanted: text, asGiven: wanted, german: de && inOrder(de), inOrder };
}

/**
 * Applies `changes` (`{ old, new, de? }`) to `sources` (path → text) and `catalog` (id → German). Returns both anew, with
 * `problems`: whatever was left as it is, and why. `serverIds` are the ids that the server's texts use.
 */
export function carry({ sources, catalog, serverIds, changes }) {
  const problems = [];
  const uses = new Map();
  for (const [path, source] of sources) {
    for (const message of messagesOf(source)) uses.set(message.id, [...(uses.get(message.id) ?? []), { path, message }]);
  }
  const known = (id) => uses.has(id) || catalog.has(id);
  const edits = new Map([...sources.keys()].map((path) => [path, []]));
  const entries = new Map(catalog);
  const renamed = [];
  for (const change of changes) {
    try {
      const ids = asIds(change, known);
      if (!known(ids.old)) throw new Error("there is no such message");
      if (renamed.some(({ old }) => old === ids.old)) throw new Error("it is in the lists twice");
      for (const [path, edit] of editsFor(uses.get(ids.old) ?? [], ids)) edits.get(path).push(edit);
      renamed.push(ids);
    } catch (error) {
      problems.push(`${JSON.stringify(change.old)}: ${error.message}`);
    }
  }
  const leaving = new Set(renamed.map(({ old }) => old));
  for (const { old } of renamed) if (!serverIds.has(old) || !uses.has(old)) entries.delete(old);
  for (const { old, wanted, german, inOrder } of renamed) {
    const translation = german ?? inOrder(catalog.get(old) ?? "");
    const there = leaving.has(wanted) && !entries.has(wanted) ? undefined : entries.get(wanted);
    if (there && german && there !== german) problems.push(`${JSON.stringify(wanted)} exists already, as ${JSON.stringify(there)}, not ${JSON.stringify(german)}: kept`);
    const text = there || translation;
    if (!text) problems.push(`${JSON.stringify(wanted)} has no German`);
    else if (placeholdersOf(text) !== placeholdersOf(wanted)) problems.push(`${JSON.stringify(wanted)} has other placeholders than its German ${JSON.stringify(text)}`);
    entries.set(wanted, text);
  }
  return { sources: new Map([...sources].map(([path, source]) => [path, edited(source, edits.get(path))])), catalog: entries, problems };
}

/** What to replace where, for every use of a message; throws, with the place, when one cannot be rewritten. */
function editsFor(uses, { asGiven, wanted }) {
  return uses.map(({ path, message }) => {
    try {
      return [path, { start: message.start, end: message.end, text: sourceOf(message, asGiven ?? wanted) }];
    } catch (error) {
      throw new Error(`${path}:${message.line} cannot be rewritten: ${error.message}`, { cause: error });
    }
  });
}

const edited = (source, edits) =>
  edits.toSorted((a, b) => b.start - a.start).reduce((text, { start, end, text: replacement }) => text.slice(0, start) + replacement + text.slice(end), source);
