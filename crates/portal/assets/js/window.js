/**
 * Which rows of a long list are to be drawn. Pure: rows have one height, so the place of each is known without drawing it.
 */

/** Rows that are drawn beyond each edge, so that slow scrolling shows no gaps. */
const MARGIN = 20;

/**
 * The rows `from` (included) to `to` (excluded) for a view of `height` pixels that begins `top` pixels below the first row.
 */
export function visible({ total, top, height, rowHeight }) {
  const first = Math.floor(Math.max(top, 0) / rowHeight);
  const shown = Math.ceil(height / rowHeight);
  const from = Math.min(Math.max(first - MARGIN, 0), Math.max(total - shown, 0));
  return { from, to: Math.min(Math.max(first, from) + shown + MARGIN, total) };
}
