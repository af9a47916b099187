import MarkdownIt from "markdown-it";

const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false, breaks: true });

markdown.validateLink = (url) => /^(https?:|mailto:|\/(?!\/)|#)/i.test(url.trim());

// The page has one first-level heading, its title: those of a text start below it.
markdown.core.ruler.push("lower-headings", (state) => {
  for (const token of state.tokens) {
    if (token.type === "heading_open" || token.type === "heading_close")
      token.tag = `h${Math.min(Number(token.tag.slice(1)) + 1, 6)}`;
  }
});

markdown.renderer.rules["link_open"] = (tokens, index, options, _env, self) => {
  const token = tokens[index];
  if (token && /^https?:/i.test(String(token.attrGet("href") ?? ""))) {
    token.attrSet("target", "_blank");
    token.attrSet("rel", "noopener noreferrer");
  }
  return self.renderToken(tokens, index, options);
};

/** Renders Markdown to HTML. HTML in the source is escaped. */
export const renderMarkdown = (source: string): string => markdown.render(source);

/** Escapes a value for Markdown. */
export const escapeMarkdown = (text: string): string =>
  text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]()#+\-.!|<>~:]/g, "\\$&");
