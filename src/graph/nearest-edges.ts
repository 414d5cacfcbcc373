// The k strongest edges of each stock, kept while pairs stream by: a small heap a stock, the weakest on top.

export interface SortedEdges {
  readonly offsets: Int32Array;
  readonly neighbours: Int32Array;
  readonly weights: Float64Array;
}

export class NearestEdges {
  readonly #stocks: number;
  readonly #k: number;
  readonly #counts: Int32Array;
  readonly #neighbours: Int32Array;
  readonly #weights: Float64Array;

  constructor(stocks: number, k: number) {
    this.#stocks = stocks;
    this.#k = k;
    this.#counts = new Int32Array(stocks);
    this.#neighbours = new Int32Array(stocks * k);
    this.#weights = new Float64Array(stocks * k);
  }

  /** An undirected edge: each end may keep it. */
  offer(left: number, right: number, weight: number): void {
    this.#insert(left, right, weight);
    this.#insert(right, left, weight);
  }

  /** By stock, then by falling |weight|, then by neighbour. */
  sorted(): SortedEdges {
    const offsets = new Int32Array(this.#stocks + 1);
    for (let stock = 0; stock < this.#stocks; stock += 1) {
      offsets[stock + 1] = offsets[stock] + this.#counts[stock];
    }
    const neighbours = new Int32Array(offsets[this.#stocks]);
    const weights = new Float64Array(neighbours.length);
    for (let stock = 0; stock < this.#stocks; stock += 1) {
      const base = stock * this.#k;
      const slots = Array.from({ length: this.#counts[stock] }, (_, i) => base + i).sort((a, b) =>
        this.#isWeaker(a, this.#neighbours[b], this.#weights[b]) ? 1 : -1,
      );
      slots.forEach((slot, i) => {
        neighbours[offsets[stock] + i] = this.#neighbours[slot];
        weights[offsets[stock] + i] = this.#weights[slot];
      });
    }
    return { offsets, neighbours, weights };
  }

  #insert(stock: number, neighbour: number, weight: number): void {
    const base = stock * this.#k;
    const count = this.#counts[stock];
    if (count < this.#k) {
      this.#counts[stock] = count + 1;
      this.#siftUp(base, count, neighbour, weight);
    } else if (this.#isWeaker(base, neighbour, weight)) {
      this.#siftDown(base, neighbour, weight);
    }
  }

  #siftUp(base: number, from: number, neighbour: number, weight: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#isWeaker(base + parent, neighbour, weight)) break;
      this.#copy(base + parent, base + at);
      at = parent;
    }
    this.#put(base + at, neighbour, weight);
  }

  #siftDown(base: number, neighbour: number, weight: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#k) break;
      const other = base + child + 1;
      const isOtherWeaker =
        child + 1 < this.#k &&
        this.#isWeaker(other, this.#neighbours[base + child], this.#weights[base + child]);
      if (isOtherWeaker) child += 1;
      if (!this.#isWeaker(base + child, neighbour, weight)) break;
      this.#copy(base + child, base + at);
      at = child;
    }
    this.#put(base + at, neighbour, weight);
  }

  /** Whether the edge in `slot` ranks below the given one. */
  #isWeaker(slot: number, neighbour: number, weight: number): boolean {
    const gap = Math.abs(this.#weights[slot]) - Math.abs(weight);
    return gap < 0 || (gap === 0 && this.#neighbours[slot] > neighbour);
  }

  #copy(from: number, to: number): void {
    this.#put(to, this.#neighbours[from], this.#weights[from]);
  }

  #put(slot: number, neighbour: number, weight: number): void {
    this.#neighbours[slot] = neighbour;
    this.#weights[slot] = weight;
  }
}
