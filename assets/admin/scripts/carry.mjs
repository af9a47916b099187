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
  writeMessage(parseMessage(text), {
    value: (name) => (names.add(`{${name}}`), name),
    tag: (index) => (names.add(`<${index}>`), index),
  });
  return [...names].sort().join(" ");
}

/** One change with ids as the macros make them; `isServers` tells whether a text that is not marked is the server's alone. */
function asIds({ old, new: wanted, de, server }, isServers) {
  if (server ?? isServers(serverId(old)))
    return {
      server: true,
      old: serverId(old),
      wanted: serverId(wanted),
      german: de && serverId(de, wanted),
      inOrder: (german) => german,
    };
  const { text, values, tags } = renumber(wanted);
  const inOrder = (german) =>
    writeMessage(parseMessage(german), {
      value: (name) => values.get(name) ?? name,
      tag: (index) => tags.get(index) ?? index,
    });
  return { server: false, old, wanted: text, asGiven: wanted, german: de && inOrder(de), inOrder };
}

/**
 * Applies `changes` to `sources` (path → text) and `catalog` (id → German). A change is `{ old, new, de?, server? }`: `server`
 * says whether the text is the server's, which is in no source; without it, it is when no source uses it. `serverIds` are the
 * ids of the server's texts. Returns the new sources and catalogue, and as `problems` what was not applied, and why.
 */
export function carry({ sources, catalog, serverIds, changes }) {
  const problems = [];
  const uses = usesIn(sources);
  const edits = new Map([...sources.keys()].map((path) => [path, []]));
  const renamed = new Map();
  for (const change of changes) {
    try {
      const ids = asIds(change, (id) => serverIds.has(id) && !uses.has(change.old));
      const key = `${ids.server} ${ids.old}`;
      if (ids.server ? !serverIds.has(ids.old) : !uses.has(ids.old))
        throw new Error("there is no such message");
      if (renamed.has(key) && renamed.get(key).wanted !== ids.wanted)
        throw new Error(`it is also to become ${JSON.stringify(renamed.get(key).wanted)}`);
      if (renamed.has(key)) continue;
      for (const [path, edit] of editsFor(ids.server ? [] : uses.get(ids.old), ids))
        edits.get(path).push(edit);
      renamed.set(key, ids);
    } catch (error) {
      problems.push(`${JSON.stringify(change.old)}: ${error.message}`);
    }
  }
  const remains = (old) =>
    (uses.has(old) && !renamed.has(`false ${old}`)) || (serverIds.has(old) && !renamed.has(`true ${old}`));
  const entries = rename(catalog, [...renamed.values()], remains, problems);
  return {
    sources: new Map([...sources].map(([path, source]) => [path, edited(source, edits.get(path))])),
    catalog: entries,
    problems,
  };
}

/** Where each id is used: its path and message. */
function usesIn(sources) {
  const uses = new Map();
  for (const [path, source] of sources) {
    for (const message of messagesOf(source))
      uses.set(message.id, [...(uses.get(message.id) ?? []), { path, message }]);
  }
  return uses;
}

/** The catalogue with new ids. An old one that `remains` in use elsewhere stays beside the new one. */
function rename(catalog, renamed, remains, problems) {
  const entries = new Map(catalog);
  for (const { old } of renamed) if (!remains(old)) entries.delete(old);
  for (const { old, wanted, german, inOrder } of renamed) {
    const translation = german ?? inOrder(catalog.get(old) ?? "");
    const there = old === wanted ? undefined : entries.get(wanted);
    if (there && german && there !== german)
      problems.push(
        `${JSON.stringify(wanted)} exists already, as ${JSON.stringify(there)}, not ${JSON.stringify(german)}: kept`,
      );
    const text = there || translation;
    if (!text) problems.push(`${JSON.stringify(wanted)} has no German`);
    else if (placeholdersOf(text) !== placeholdersOf(wanted))
      problems.push(
        `${JSON.stringify(wanted)} has other placeholders than its German ${JSON.stringify(text)}`,
      );
    entries.set(wanted, text);
  }
  return entries;
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
  edits
    .toSorted((a, b) => b.start - a.start)
    .reduce(
      (text, { start, end, text: replacement }) => text.slice(0, start) + replacement + text.slice(end),
      source,
    );
