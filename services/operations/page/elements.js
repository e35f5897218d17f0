// Making and changing elements. Text is only ever text: what comes from outside never becomes markup.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function icon(name) {
  return drawn("svg", { class: "icon", "aria-hidden": "true", focusable: "false" }, drawn("use", { href: `#icon-${name}` }));
}

// Touches the page only where something is different, so that nothing flickers and nothing is read out twice.
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function mark(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

// A list whose items stay the same elements while what they show changes.
export class List {
  // `make` gives {item, ...} for a new entry; `update` shows an entry in it.
  constructor(parent, make, update) {
    this.parent = parent;
    this.make = make;
    this.update = update;
    this.rows = new Map();
  }

  show(entries, key) {
    const ids = new Set(entries.map(key));
    for (const [id, row] of this.rows) {
      if (ids.has(id)) continue;
      row.item.remove();
      this.rows.delete(id);
    }
    entries.forEach((entry, place) => {
      const id = key(entry);
      if (!this.rows.has(id)) this.rows.set(id, this.make(entry));
      const row = this.rows.get(id);
      if (this.parent.children[place] !== row.item) this.parent.insertBefore(row.item, this.parent.children[place] ?? null);
      this.update(row, entry);
    });
  }
}
