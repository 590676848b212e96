// Contrast as WCAG 2 defines it, of what a browser shows.

const channels = (colour) => {
  const numbers = colour.match(/[\d.]+/g).map(Number);
  return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 };
};

const luminance = ({ rgb }) => {
  const linear = rgb.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
};

/** The contrast of two colours as `getComputedStyle` writes them, from 1 to 21. */
export function contrast(one, other) {
  const [dark, light] = [one, other].map((colour) => luminance(channels(colour))).sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Every piece of text that is shown: what it says, its colour, and the colours it lies on. */
export function texts(page) {
  return page.evaluate(() => {
    const isClear = (colour) => /^(transparent|none|rgba\(.*, 0\))$/.test(colour);
    // The colour of the nearest box around an element that has one.
    const ground = (element) => {
      for (let box = element; box; box = box.parentElement) {
        const colour = getComputedStyle(box).backgroundColor;
        if (!isClear(colour)) return colour;
      }
      return "rgb(255, 255, 255)";
    };
    // Pictures have no boxes: what lies under a text is the shape drawn last at its place, or what is around the picture.
    const under = (text) => {
      text.scrollIntoView({ block: "center" });
      const { left, top, width, height } = text.getBoundingClientRect();
      const shapes = document.elementsFromPoint(left + width / 2, top + height / 2);
      const shape = shapes.find((shape) => shape.matches("rect, circle") && !isClear(getComputedStyle(shape).fill));
      return shape ? getComputedStyle(shape).fill : ground(text.closest("svg"));
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const says = walker.currentNode.data.trim();
      if (!says || element.closest("script, style, option") || !element.checkVisibility()) continue;
      const style = getComputedStyle(element);
      const drawn = element.closest("svg") !== null;
      found.push({ says: says.slice(0, 60), colour: drawn ? style.fill : style.color, ground: drawn ? under(element) : ground(element), opacity: style.opacity });
    }
    for (const input of document.querySelectorAll("input[placeholder]")) {
      const style = getComputedStyle(input, "::placeholder");
      found.push({ says: input.placeholder, colour: style.color, ground: ground(input), opacity: style.opacity });
    }
    for (const select of document.querySelectorAll("select")) {
      found.push({ says: `select ${select.name}`, colour: getComputedStyle(select).color, ground: ground(select), opacity: "1" });
    }
    return found;
  });
}
