// The package's random draws (fa_lessons/draws.py), number for number: SHA-256 of the key seeds torch's Mersenne
// Twister. So a seed means the same network, the same feedback and the same batches here and in Python.

import { Matrix } from "./matrices.js";

// Uniform draws in ± bound, (rows, columns), that depend on the key alone, e.g. [seed, "weights", layer, replica].
export function uniform(rows, columns, bound, key) {
  const random = generator(key);
  const draws = new Matrix(rows, columns);
  const edge = Math.fround(bound);
  for (let i = 0; i < draws.values.length; i++) draws.values[i] = Math.fround(real(random) * 2 - 1) * edge;
  return draws;
}

// The numbers from 0 to count − 1 in random order, as torch.randperm.
export function permutation(count, key) {
  const random = generator(key);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < count - 1; i++) {
    const other = i + (random() % (count - i));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

// A function that gives 32 random bits a call.
export function generator(key) {
  const [word] = sha256(repr(key));
  return mersenneTwister(((word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24)) >>> 0);
}

// A number from 0 to below 1 in steps of 2⁻²⁴.
export function real(random) {
  return (random() & 0xffffff) / 0x1000000;
}

// Python's repr of a tuple of whole numbers and plain words.
function repr(key) {
  return `(${key.map((part) => (typeof part === "string" ? `'${part}'` : part)).join(", ")}${key.length === 1 ? "," : ""})`;
}

// Matsumoto & Nishimura 1998.
function mersenneTwister(seed) {
  const state = new Uint32Array(624);
  state[0] = seed;
  for (let i = 1; i < 624; i++) {
    const last = state[i - 1] ^ (state[i - 1] >>> 30);
    state[i] = Math.imul(1812433253, last) + i;
  }
  let next = 624;
  return () => {
    if (next === 624) {
      for (let i = 0; i < 624; i++) {
        const bits = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
        state[i] = state[(i + 397) % 624] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
      }
      next = 0;
    }
    let bits = state[next++];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  };
}

// FIPS 180-4, of a short plain text; eight words.
function sha256(text) {
  const length = text.length;
  const words = new Uint32Array(16 * (((length + 8) >> 6) + 1));
  for (let i = 0; i < length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i % 4));
  words[length >> 2] |= 0x80 << (24 - 8 * (length % 4));
  words[words.length - 1] = 8 * length;
  const [constants, start] = [fractions(64, 1 / 3), fractions(8, 1 / 2)];
  const turn = (x, by) => (x >>> by) | (x << (32 - by));
  const w = new Uint32Array(64);
  for (let block = 0; block < words.length; block += 16) {
    let [a, b, c, d, e, f, g, h] = start;
    for (let i = 0; i < 64; i++) {
      if (i < 16) w[i] = words[block + i];
      else {
        const [x, y] = [w[i - 15], w[i - 2]];
        w[i] = w[i - 16] + w[i - 7] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
      }
      const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
      const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => (start[i] += value));
  }
  return start;
}

// The first 32 bits behind the point of the first primes' square or cube roots.
function fractions(count, power) {
  const primes = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  return Uint32Array.from(primes, (prime) => (prime ** power % 1) * 2 ** 32);
}
