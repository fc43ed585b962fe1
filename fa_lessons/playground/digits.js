// The digits: the first 20,000 of MNIST's training set and a fifth of its test set, each class by its share.

import { Matrix } from "./matrices.js";

export const PIXELS = 784;
export const COUNTS = { train: 20000, test: 2000 };
const GREY = Float32Array.from({ length: 256 }, (_, byte) => byte * Math.fround(1 / 255));

// One part of the data: pixels as bytes, (count, 784), and labels.
class Part {
  constructor(pixels, labels) {
    Object.assign(this, { pixels, labels, count: labels.length });
  }

  // The images of these rows as a matrix of grey values from 0 to 1.
  images(rows) {
    const batch = new Matrix(rows.length, PIXELS);
    rows.forEach((row, r) => {
      for (let i = 0, from = row * PIXELS, to = r * PIXELS; i < PIXELS; i++) {
        const byte = this.pixels[from + i];
        if (byte) batch.values[to + i] = GREY[byte];
      }
    });
    return batch;
  }

  labelsOf(rows) {
    return Array.from(rows, (row) => this.labels[row]);
  }
}

// {train, test} from the bytes that `inflate` gives: labels first, then pixels, training digits before test digits.
export function asDigits(bytes) {
  const count = COUNTS.train + COUNTS.test;
  if (bytes.length !== count * (PIXELS + 1)) throw new Error(`The digits are damaged: ${bytes.length} bytes.`);
  const labels = bytes.subarray(0, count),
    pixels = bytes.subarray(count);
  return {
    train: new Part(pixels.subarray(0, COUNTS.train * PIXELS), labels.subarray(0, COUNTS.train)),
    test: new Part(pixels.subarray(COUNTS.train * PIXELS), labels.subarray(COUNTS.train)),
  };
}

// The bytes of a zlib stream; a damaged one throws.
export async function inflate(compressed) {
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
