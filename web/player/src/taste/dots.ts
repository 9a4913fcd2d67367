export type Colour = readonly [red: number, green: number, blue: number];

/** Of the canvas that was drawn on last: a zoom draws sixty times a second. */
let kept: { readonly canvas: HTMLCanvasElement; readonly image: ImageData } | null = null;

/**
 * Round dots with soft edges, written as pixels: 20,000 of them as paths of a canvas take the main thread 50 ms, and as much again when they are
 * handed to the browser.
 */
export class Dots {
  readonly #pen: CanvasRenderingContext2D;
  readonly #image: ImageData;

  constructor(pen: CanvasRenderingContext2D, [red, green, blue]: Colour) {
    const { canvas } = pen;
    const { width, height } = canvas;
    const fits =
      kept?.canvas === canvas && kept.image.width === width && kept.image.height === height;
    kept = fits && kept ? kept : { canvas, image: pen.createImageData(width || 1, height || 1) };
    this.#pen = pen;
    this.#image = kept.image;
    const ground = Uint8ClampedArray.of(red, green, blue, 255);
    new Uint32Array(kept.image.data.buffer).fill(new Uint32Array(ground.buffer)[0] ?? 0);
  }

  /** In pixels of the canvas. */
  put(x: number, y: number, radius: number, [red, green, blue]: Colour, alpha: number): void {
    const { data, width, height } = this.#image;
    const inner = Math.max(0, radius - 0.5) ** 2;
    const outer = (radius + 0.5) ** 2;
    const left = Math.max(0, Math.floor(x - radius - 0.5));
    const right = Math.min(width - 1, Math.floor(x + radius + 0.5));
    const top = Math.max(0, Math.floor(y - radius - 0.5));
    const bottom = Math.min(height - 1, Math.floor(y + radius + 0.5));
    for (let row = top; row <= bottom; ++row) {
      for (let column = left; column <= right; ++column) {
        const square = (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2;
        if (square >= outer) continue;
        const part = square <= inner ? alpha : alpha * (radius + 0.5 - Math.sqrt(square));
        const at = 4 * (row * width + column);
        const r = data[at] ?? 0;
        const g = data[at + 1] ?? 0;
        const b = data[at + 2] ?? 0;
        data[at] = r + part * (red - r);
        data[at + 1] = g + part * (green - g);
        data[at + 2] = b + part * (blue - b);
      }
    }
  }

  show(): void {
    this.#pen.putImageData(this.#image, 0, 0);
  }
}
