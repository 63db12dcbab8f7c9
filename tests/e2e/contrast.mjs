// Contrast of what is painted on canvases, which axe cannot see.

/**
 * The strongest contrast of canvas pixels against the panel behind them: `text` in the axis margins,
 * `line` inside the plot. Runs in the page.
 */
export function canvasContrast() {
  const channel = (value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const luminance = ([r, g, b]) =>
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const rgb = (text) =>
    text
      .match(/[\d.]+/g)
      .slice(0, 3)
      .map(Number);
  return [...document.querySelectorAll("figure[data-chart]")].flatMap(
    (figure) => {
      const canvas = figure.querySelector(".uplot canvas");
      const over = figure.querySelector(".u-over");
      if (canvas === null || over === null) {
        return [];
      }
      const back = rgb(getComputedStyle(figure).backgroundColor);
      const ratio = canvas.width / canvas.clientWidth;
      const [left, top] = [over.offsetLeft * ratio, over.offsetTop * ratio];
      const [right, bottom] = [
        left + over.clientWidth * ratio,
        top + over.clientHeight * ratio,
      ];
      const { data, width, height } = canvas
        .getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height);
      const found = {
        chart: figure.dataset.chart,
        yText: 1,
        xText: 1,
        line: 1,
      };
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          const at = (y * width + x) * 4;
          const alpha = data[at + 3] / 255;
          if (alpha === 0) {
            continue;
          }
          const pixel = [0, 1, 2].map(
            (i) => data[at + i] * alpha + back[i] * (1 - alpha),
          );
          const place =
            x < left - 4
              ? "yText"
              : y > bottom + 4
                ? "xText"
                : x < right && y > top
                  ? "line"
                  : null;
          if (place !== null) {
            found[place] = Math.max(found[place], contrast(pixel, back));
          }
        }
      }
      return [found];
    },
  );
}
