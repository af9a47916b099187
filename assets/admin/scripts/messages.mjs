// Finds the messages that the macros of Lingui make of a source, and rewrites them.
import { parseSync, traverse } from "@babel/core";

const MACROS = /^@lingui\/(core|react)\/macro$/;

/** The text of JSX as React sees it: lines are trimmed and joined by one space. */
function cleanText(text) {
  const lines = text.split(/\r\n|\n|\r/);
  const last = lines.findLastIndex((line) => /[^ \t]/.test(line));
  return lines
    .map((line, index) => {
      let clean = line.replace(/\t/g, " ");
      if (index > 0) clean = clean.replace(/^ +/, "");
      if (index < lines.length - 1) clean = clean.replace(/ +$/, "");
      return clean && index < last ? `${clean} ` : clean;
    })
    .join("");
}

/** Collects the ICU text of one macro, with the source of each value and tag. */
class Reader {
  values = new Map();
  tags = new Map();
  /** Why this message cannot be rewritten. */
  obstacle = null;
  #source;
  #macroOf;
  #nextValue = 0;
  #nextTag = 0;

  constructor(source, macroOf) {
    this.#source = source;
    this.#macroOf = macroOf;
  }

  #slice({ start, end }) {
    return this.#source.slice(start, end);
  }

  value(node) {
    const name = node.type === "Identifier" ? node.name : String(this.#nextValue++);
    this.values.set(name, this.#slice(node));
    return name;
  }

  template(quasi) {
    return quasi.quasis
      .map(({ value }, index) => {
        const node = quasi.expressions[index];
        if (!node) return value.cooked;
        return (
          value.cooked + (this.#macroOf(node) === "plural" ? this.plural(node) : `{${this.value(node)}}`)
        );
      })
      .join("");
  }

  plural({ arguments: [count, branches] }) {
    const name = this.value(count);
    const options = branches.properties.map(
      ({ key, value }) => `${key.name ?? key.value} {${this.#branch(value)}}`,
    );
    return `{${name}, plural, ${options.join(" ")}}`;
  }

  #branch(node) {
    if (node.type === "StringLiteral") return node.value;
    if (node.type === "TemplateLiteral") return this.template(node);
    this.obstacle = "a branch of the plural is neither a string nor a template";
    return "";
  }

  children(nodes) {
    return nodes.map((node) => this.#child(node)).join("");
  }

  #child(node) {
    if (node.type === "JSXText") return cleanText(node.value);
    if (node.type === "JSXElement") return this.#element(node);
    const { expression } = node;
    if (node.type !== "JSXExpressionContainer") this.obstacle = `it contains a ${node.type}`;
    else if (expression.type === "StringLiteral") return expression.value;
    else if (expression.type === "TemplateLiteral") return this.template(expression);
    else if (expression.type === "JSXElement") return this.#element(expression);
    else if (expression.type !== "JSXEmptyExpression") return `{${this.value(expression)}}`;
    return "";
  }

  #element(node) {
    const index = String(this.#nextTag++);
    this.tags.set(index, {
      open: this.#slice(node.openingElement),
      close: node.closingElement ? this.#slice(node.closingElement) : null,
    });
    return node.closingElement ? `<${index}>${this.children(node.children)}</${index}>` : `<${index}/>`;
  }
}

/** The messages of a source: `{ id, kind, line, start, end, values, tags, obstacle }`. */
export function messagesOf(source) {
  if (!/@lingui\/(core|react)\/macro/.test(source)) return [];
  const tree = parseSync(source, {
    babelrc: false,
    configFile: false,
    parserOpts: { plugins: ["typescript", "jsx"] },
  });
  const imported = new Map();
  for (const node of tree.program.body) {
    if (node.type !== "ImportDeclaration" || !MACROS.test(node.source.value)) continue;
    for (const {
      imported: { name },
      local,
    } of node.specifiers)
      imported.set(local.name, name);
  }
  const macroOf = (node) => (node?.type === "CallExpression" ? imported.get(node.callee.name) : undefined);
  const found = [];
  const add = (path, kind, read) => {
    const reader = new Reader(source, macroOf);
    const id = read(reader);
    const { start, end, loc } = path.node;
    found.push({
      id,
      kind,
      line: loc.start.line,
      start,
      end,
      values: reader.values,
      tags: reader.tags,
      obstacle: reader.obstacle,
    });
  };
  traverse(tree, {
    TaggedTemplateExpression(path) {
      if (imported.get(path.node.tag.name) !== "t") return;
      add(path, "t", (reader) => reader.template(path.node.quasi));
      path.skip();
    },
    CallExpression(path) {
      if (macroOf(path.node) === "plural") add(path, "plural", (reader) => reader.plural(path.node));
    },
    JSXElement(path) {
      const name = imported.get(path.node.openingElement.name.name);
      if (name === "Trans") add(path, "Trans", (reader) => reader.children(path.node.children));
      else if (name) add(path, name, (reader) => ((reader.obstacle = `<${name}> is not supported`), ""));
    },
  });
  return found;
}

/** Splits ICU text into texts, `{ value }`, `{ value, branches }` and `{ tag, children }` (null for a tag without any). */
export function parseMessage(text) {
  let at = 0;
  const fail = (what) => {
    throw new Error(`${what} at character ${at + 1} of ${JSON.stringify(text)}`);
  };
  const take = (pattern) => {
    const match = new RegExp(pattern, "y");
    match.lastIndex = at;
    const found = match.exec(text);
    if (found) at += found[0].length;
    return found;
  };
  const branches = () => {
    const found = [];
    for (let branch = take(/\s*(=\d+|\w+)\s*\{/); branch; branch = take(/\s*(=\d+|\w+)\s*\{/)) {
      found.push([branch[1], parts()]);
      if (!take(/\}/)) fail("no } after a branch");
    }
    if (!take(/\s*\}/)) fail("no } after the branches");
    return found;
  };
  const parts = () => {
    const found = [];
    for (;;) {
      const plain = take(/(?:[^{}<]|<(?!\/?\d+\/?>))+/);
      if (plain) found.push(plain[0]);
      else if (at >= text.length || /^(\}|<\/)/.test(text.slice(at))) return found;
      else found.push(special());
    }
  };
  const special = () => {
    const tag = take(/<(\d+)(\/?)>/);
    if (tag) {
      if (tag[2]) return { tag: tag[1], children: null };
      const children = parts();
      if (!take(`</${tag[1]}>`)) fail(`no </${tag[1]}>`);
      return { tag: tag[1], children };
    }
    const value = take(/\{\s*(\w+)\s*(\}|,\s*plural\s*,)/) ?? fail("no value");
    return value[2] === "}" ? { value: value[1] } : { value: value[1], branches: branches() };
  };
  const all = parts();
  return at < text.length ? fail("an unexpected end") : all;
}

/** The text with its values and tags numbered in the order of their appearance, as the macros do, and the new number of each. */
export function renumber(text) {
  const values = new Map();
  const tags = new Map();
  const next = (map, key) => (map.has(key) || map.set(key, String(map.size)), map.get(key));
  const value = (name) => (/^\d+$/.test(name) ? next(values, name) : name);
  const numbered = writeMessage(parseMessage(text), { value, tag: (index) => next(tags, index) });
  return { text: numbered, values, tags };
}

/** The ICU text of the parts, with other names for values and tags where wanted. */
export function writeMessage(parts, { value = (name) => name, tag = (index) => index } = {}) {
  const names = { value, tag };
  return parts
    .map((part) => {
      if (typeof part === "string") return part;
      if (part.tag !== undefined) {
        const index = tag(part.tag);
        return part.children ? `<${index}>${writeMessage(part.children, names)}</${index}>` : `<${index}/>`;
      }
      const name = value(part.value);
      if (!part.branches) return `{${name}}`;
      return `{${name}, plural, ${part.branches.map(([branch, inner]) => `${branch} {${writeMessage(inner, names)}}`).join(" ")}}`;
    })
    .join("");
}

const escapeTemplate = (text) => text.replace(/[\\`]|\$(?=\{)/g, "\\$&");

/** Writes the parts of a message as source. */
class Writer {
  #message;

  constructor(message) {
    this.#message = message;
  }

  #value(name) {
    const source = this.#message.values.get(name);
    if (source === undefined) throw new Error(`{${name}} is not a value of this message`);
    return source;
  }

  template(parts) {
    return parts
      .map((part) => {
        if (typeof part === "string") return escapeTemplate(part);
        if (part.tag !== undefined) throw new Error("only <Trans> can have tags");
        return `\${${part.branches ? this.plural(part) : this.#value(part.value)}}`;
      })
      .join("");
  }

  plural({ value, branches }) {
    const options = branches.map(([branch, parts]) => {
      const plain = parts.every((part) => typeof part === "string");
      return `${/^\w+$/.test(branch) ? branch : JSON.stringify(branch)}: ${plain ? JSON.stringify(parts.join("")) : `\`${this.template(parts)}\``}`;
    });
    return `plural(${this.#value(value)}, { ${options.join(", ")} })`;
  }

  children(parts, outer = true) {
    const written = parts.map((part) => {
      if (typeof part === "string") return part;
      if (part.branches) throw new Error("a plural within <Trans> needs <Plural>");
      return part.tag === undefined ? `{${this.#value(part.value)}}` : this.#element(part);
    });
    return written
      .map((text, index) => {
        if (typeof parts[index] !== "string") return text;
        const [, before, inner, after] = /^(\s*)(.*?)(\s*)$/s.exec(text);
        const first = index === 0 && outer;
        const last = index === parts.length - 1 && outer;
        if (/\s{2}/.test(text) || /[{}<>&]/.test(inner)) return `{${JSON.stringify(text)}}`;
        return `${first && before ? `{"${before}"}` : before}${inner}${last && after ? `{"${after}"}` : after}`;
      })
      .join("");
  }

  #element({ tag, children }) {
    const source = this.#message.tags.get(tag);
    if (!source) throw new Error(`<${tag}> is not a tag of this message`);
    if (!children !== !source.close)
      throw new Error(`<${tag}> ${source.close ? "needs" : "cannot have"} content`);
    return children ? `${source.open}${this.children(children, false)}${source.close}` : source.open;
  }
}

/** The source of `message` with another text. Throws when that is not safely possible. */
export function sourceOf(message, text) {
  if (message.obstacle) throw new Error(message.obstacle);
  const parts = parseMessage(text);
  const writer = new Writer(message);
  if (message.kind === "t") return `t\`${writer.template(parts)}\``;
  if (message.kind === "Trans") return `<Trans>${writer.children(parts)}</Trans>`;
  if (parts.length !== 1 || !parts[0].branches) throw new Error("the new text is not a plural alone");
  return writer.plural(parts[0]);
}
