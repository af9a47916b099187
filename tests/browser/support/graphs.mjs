// Short builders for workflows, as the API takes them.

export const node = (name, type, config = {}, rest = {}) => ({
  id: name,
  type,
  name,
  config,
  position: { x: 0, y: 0 },
  ...rest,
});

/** Builds edges from `a>b` or `a:handle>b`. */
export const edges = (...ways) =>
  ways.map((way, index) => {
    const [from, target] = way.split(">");
    const [source, sourceHandle = "out"] = from.split(":");
    return { id: `e${index}`, source, sourceHandle, target };
  });

/** Starts a workflow and waits for the end of its run; returns its id. */
export async function ran(api, workflowID, input = {}) {
  const { id } = await api("POST", `workflows/${workflowID}/execute?wait=30`, {
    input,
  });
  return id;
}

/** A loop of twelve iterations around another of two; items 3 and 7 fail, and the loop skips them. */
export const rounds = (name) => ({
  name,
  nodes: [
    node("start", "start", {}, { position: { x: 0, y: 60 } }),
    node("each", "loop", { items: 12, onItemError: "skip" }, { position: { x: 260, y: 0 } }),
    node(
      "check",
      "javascript",
      {
        code: "if ([3, 7].includes(index)) throw new Error('no ' + index); return { checked: index }",
      },
      { parentID: "each", position: { x: 32, y: 110 } },
    ),
    node("parts", "loop", { items: 2 }, { parentID: "each", position: { x: 290, y: 110 } }),
    node(
      "part",
      "set",
      { values: { part: "{{ index }}" } },
      { parentID: "parts", position: { x: 32, y: 90 } },
    ),
    node("end", "end", {}, { position: { x: 980, y: 60 } }),
  ],
  edges: edges("start>each", "check>parts", "each>end"),
});

/** An approval, and nothing after it. */
export const asking = (name, question, expires) => ({
  name,
  nodes: [
    node("start", "start"),
    node(
      "ask",
      "approval",
      { title: question, ...(expires ? { expiresAfter: expires } : {}) },
      { position: { x: 260, y: 0 } },
    ),
  ],
  edges: edges("start>ask"),
});

/** Builds that many steps in rows of twenty, one after another. */
export const many = (name, count) => {
  const places = Array.from({ length: count }, (_, index) => ({
    x: (index % 20) * 250,
    y: Math.floor(index / 20) * 110,
  }));
  return {
    name,
    nodes: places.map((position, index) =>
      index === 0
        ? node("start", "start", {}, { position })
        : node(`n${index}`, "set", { values: {} }, { position }),
    ),
    edges: edges(
      ...places.slice(1).map((_, index) => `${index === 0 ? "start" : `n${index}`}>n${index + 1}`),
    ),
  };
};
