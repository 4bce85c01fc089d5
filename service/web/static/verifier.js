/* Verifies a draw-record/1 in the browser, by the page docs/formats/panel-draw-1.md: hashes, lottery, seed, and the
   draw done again. A module that loads nothing and sends nothing:

       import { verify } from "/static/verifier.js";
       verify(text, published)   ->   { code, facts, commitmentSha256, unchecked }

   `code` is null when the record is true, otherwise the name of the first thing that differs, as `expertpool panel
   verify` gives it, or NO_RECORD. SHA-256 is our own, because browsers offer theirs on secure pages only. */

class Differs extends Error {
  constructor(code, facts = {}) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}

function need(holds, code, facts) {
  if (!holds) throw new Differs(code, facts);
}

/** The first thing that differs in a record, or null; `published` is the hash published before the draw, if known. */
export function verify(text, published = "") {
  try {
    return verified(JSON.parse(text), published.toLowerCase());
  } catch (fault) {
    if (fault instanceof Differs) return { code: fault.code, facts: fault.facts, commitmentSha256: "", unchecked: [] };
    return { code: "NO_RECORD", facts: { why: String(fault) }, commitmentSha256: "", unchecked: [] };
  }
}

function verified(record, published) {
  need(record.format === "draw-record/1" && record.commitment.format === "commitment/1", "NO_RECORD");
  const commitment = record.commitment;
  const { problem, lottery } = commitment;
  const problemSha256 = sha256(canonical(problem));
  const commitmentSha256 = sha256(canonical(commitment));
  need(problemSha256 === commitment.problem_sha256, "PROBLEM_HASH_DIFFERS");
  need(commitmentSha256 === record.commitment_sha256, "COMMITMENT_HASH_DIFFERS");
  need(!published || published === commitmentSha256, "COMMITMENT_OTHER", { found: commitmentSha256, published });

  const pool = new Map(problem.candidates.map((one) => [one.id, one]));
  const ids = problem.candidates.map((one) => one.id);
  const isOrdered = ids.every((one, place) => !place || byCodePoint(ids[place - 1], one) < 0);
  need(isOrdered && ids.every((one) => one.normalize("NFC") === one), "PROBLEM_NOT_NORMAL", { at: "/candidates" });

  const rules = new Rules(problem, pool);
  const chances = lotteryOf(lottery, problem, pool, rules.excluded, problemSha256);
  seedOf(record, commitment);
  const streamOf = (domain) => new Stream(`panel-draw/1\0${domain}\0${commitmentSha256}\0${record.seed}`);
  const again = drawn(commitment, rules, chances, streamOf, record.declines.map((row) => row.id));
  for (const [key, value] of Object.entries(again)) {
    const [expected, found] = [canonical(value), canonical(record[key])];
    need(expected === found, "DRAW_DIFFERS", { at: `/${key}`, expected, found });
  }
  need(rules.hold(again.drawn.map((row) => row.id)), "PANEL_INVALID");
  const unchecked = commitment.sources.filter((row) => row.kind === "drand").map((row) => row.name);
  return { code: null, facts: {}, commitmentSha256, unchecked };
}

/* ---- the lottery and the seed */

/** Check that a lottery agrees with itself and its problem; return its weights, counts by type and chances. */
function lotteryOf(lottery, problem, pool, excluded, problemSha256) {
  const { types } = lottery;
  const weights = lottery.support.map((row) => fraction(row.weight));
  const counts = lottery.support.map((row) => {
    const found = types.map(() => 0n);
    for (const part of row.composition) found[part.type] += BigInt(part.seats);
    return found;
  });
  const sum = weights.reduce(add, [0n, 1n]);
  let right = lottery.problem_sha256 === problemSha256 && sum[0] === sum[1] && weights.every(([top]) => top > 0n);
  right &&= counts.every((row) => row.reduce((a, b) => a + b, 0n) === BigInt(problem.size));
  const odds = types.map((members, kind) => {
    const [top, bottom] = weights.map(([a, b], row) => [a * counts[row][kind], b]).reduce(add, [0n, 1n]);
    return reduced(top, bottom * BigInt(members.length));
  });
  const named = new Map();
  types.forEach((members, kind) => {
    right &&= members.every((one, place) => !place || byCodePoint(members[place - 1], one) < 0);
    for (const one of members) {
      right &&= !named.has(one) && pool.has(one) && !excluded.has(one) && Object.hasOwn(lottery.chances, one);
      named.set(one, kind);
    }
  });
  const written = odds.map(([top, bottom]) => (bottom === 1n ? `${top}` : `${top}/${bottom}`));
  for (const one of Object.keys(lottery.chances)) {
    const kind = named.get(one);
    right &&= pool.has(one) && lottery.chances[one] === (kind === undefined ? "0" : written[kind]);
  }
  need(right, "LOTTERY_WRONG", { at: "/lottery" });

  const spread = lottery["x-spread"];
  const whole = types.map((members) => BigInt(members.length)).reduce(commonMultiple, 1n);
  const shares = counts.map((row) => row.map((count, kind) => (count * whole) / BigInt(types[kind].length)));
  const values = new Map();
  types.forEach((members, kind) => {
    for (const one of members) {
      const value = spread === undefined ? undefined : own(pool.get(one).attributes, spread);
      if (!values.has(value)) values.set(value, new Map());
      const row = values.get(value);
      if (!row.has(kind)) row.set(kind, []);
      row.get(kind).push(one);
    }
  });
  const without = values.get(undefined) ?? new Map();
  values.delete(undefined);
  const caps = problem.caps.filter((row) => row.attribute === spread).map((row) => BigInt(row.max));
  const cap = caps.length ? caps.reduce((a, b) => (a < b ? a : b)) * whole : 0n;
  for (const row of values.values()) {
    need(shares.every((share) => expectedOf(row, share) <= cap), "LOTTERY_WRONG", { at: "/lottery/x-spread" });
  }
  return { types, weights, shares, odds, named, whole, values, without };
}

function expectedOf(row, share) {
  let expected = 0n;
  for (const [kind, members] of row) expected += BigInt(members.length) * share[kind];
  return expected;
}

function seedOf(record, commitment) {
  const names = (rows) => canonical(rows.map((row) => row.name));
  let right = names(record.sources) === names(commitment.sources);
  commitment.sources.forEach(({ kind }, place) => {
    if (!right || kind !== "drand") return;
    const { signature = "", value } = record.sources[place];
    const bytes = Uint8Array.from(signature.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    right &&= /^([0-9a-f]{2})+$/.test(signature) && hex(sha256Bytes(bytes)) === value;
  });
  need(right && record.sources.map((row) => row.value).join("\n") === record.seed, "SEED_DIFFERS");
}

/* ---- the draw */

/** Draw again: the parts of the record that follow from the commitment, the seed and who declined. */
function drawn(commitment, rules, lottery, streamOf, declined) {
  const composition = compositionOf(lottery.weights, streamOf("composition"));
  const rows = bundled(lottery, lottery.shares[composition]);
  const parts = rounded(rows, lottery.shares[composition], lottery.whole, streamOf("rounding"));
  const stream = streamOf("members");
  const panel = [];
  rows.forEach((row, place) => {
    for (const kind of [...row.keys()].sort((a, b) => a - b)) {
      const left = row.get(kind).sort(byCodePoint);
      for (let count = parts[place].get(kind) / lottery.whole; count > 0n; count -= 1n) {
        panel.push(...left.splice(Number(stream.below(BigInt(left.length))), 1));
      }
    }
  });
  panel.sort(byCodePoint);

  const reserves = [];
  if (commitment.reserves) {
    for (const one of others(rules, lottery, new Set(panel), streamOf("reserves"))) {
      const replaces = panel.filter((leaver) => rules.hold([...panel.filter((stays) => stays !== leaver), one]));
      if (replaces.length) reserves.push({ id: one, replaces });
      if (reserves.length === commitment.reserves) break;
    }
  }
  const [after, declines] = succeeded(rules, lottery, streamOf, panel, reserves, declined);
  return {
    composition,
    drawn: rules.seated(panel),
    reserves,
    reserves_missing: commitment.reserves - reserves.length,
    declines,
    panel: after.length < panel.length ? after.map((id) => ({ id, seat: null })) : rules.seated(after),
  };
}

function compositionOf(weights, stream) {
  const whole = weights.map(([, bottom]) => bottom).reduce(commonMultiple, 1n);
  let ticket = stream.below(whole);
  return weights.findIndex(([top, bottom]) => (ticket -= top * (whole / bottom)) < 0n);
}

/** The rows of the table: values in code-point order, joined while at most one member is expected of a row. */
function bundled(lottery, share) {
  const rows = [];
  let room = 0n;
  const open = (row) => [...row].filter(([kind]) => share[kind] > 0n);
  for (const value of [...lottery.values.keys()].sort(byCodePoint)) {
    const expected = expectedOf(lottery.values.get(value), share);
    if (expected > room) {
      rows.push(new Map());
      room = lottery.whole;
    }
    room -= expected;
    for (const [kind, members] of open(lottery.values.get(value))) {
      const row = rows[rows.length - 1];
      row.set(kind, (row.get(kind) ?? []).concat(members));
    }
  }
  return [...rows, new Map(open(lottery.without).map(([kind, members]) => [kind, [...members]]))];
}

/** Dependent rounding: each cell becomes a multiple of `whole`, every expectation kept. */
function rounded(rows, share, whole, stream) {
  const spare = share.length;
  const parts = rows.map((row) => {
    const found = new Map();
    for (const kind of [...row.keys()].sort((a, b) => a - b)) {
      found.set(kind, BigInt(row.get(kind).length) * share[kind]);
    }
    const total = [...found.values()].reduce((a, b) => a + b, 0n);
    return found.set(spare, modulo(-total, whole));
  });
  const isOpen = (row, kind) => (parts[row].get(kind) ?? 0n) % whole !== 0n;
  const columnOf = (row, came) => [...parts[row].keys()].find((kind) => kind !== came && isOpen(row, kind));
  const rowOf = (kind, came) => parts.findIndex((_, row) => row !== came && isOpen(row, kind));
  for (let start = 0; start < parts.length; start += 1) {
    while (columnOf(start) !== undefined) {
      // Rows and columns by turns, in `met` as r0, c4, r2 ...; each step is a cell.
      const cells = [];
      const met = new Map([[`r${start}`, 0]]);
      let [row, kind, first] = [start, undefined, undefined];
      while (first === undefined) {
        kind = columnOf(row, kind);
        cells.push([row, kind]);
        first = met.get(`c${kind}`);
        if (first !== undefined) break;
        met.set(`c${kind}`, cells.length);
        row = rowOf(kind, row);
        cells.push([row, kind]);
        first = met.get(`r${row}`);
        met.set(`r${row}`, cells.length);
      }
      shift(cells.slice(first), parts, whole, stream);
    }
  }
  return parts;
}

function shift(circle, parts, whole, stream) {
  const above = circle.map(([row, kind]) => parts[row].get(kind) % whole);
  const least = (list) => list.reduce((a, b) => (a < b ? a : b));
  const up = least(above.map((part, place) => (place % 2 ? part : whole - part)));
  const down = least(above.map((part, place) => (place % 2 ? whole - part : part)));
  const step = stream.below(up + down) < down ? up : -down;
  circle.forEach(([row, kind], place) => {
    parts[row].set(kind, parts[row].get(kind) + (place % 2 ? -step : step));
  });
}

/** Everybody who is not out, one after the other in proportion to the chances; those without a chance last. */
function* others(rules, lottery, out, stream) {
  const unit = lottery.odds.map(([, bottom]) => bottom).reduce(commonMultiple, 1n);
  const shares = lottery.odds.map(([top, bottom]) => top * (unit / bottom));
  const left = lottery.types.map((members) => members.filter((one) => !out.has(one)));
  const hasChance = (one) => lottery.named.has(one) && lottery.odds[lottery.named.get(one)][0] > 0n;
  const rest = rules.ids.filter((one) => !out.has(one) && !rules.excluded.has(one) && !hasChance(one));
  for (const [groups, share] of [[left, shares], [[rest], [1n]]]) {
    const tickets = () => groups.reduce((total, group, place) => total + share[place] * BigInt(group.length), 0n);
    for (let total = tickets(); total > 0n; total = tickets()) {
      let ticket = stream.below(total);
      const place = groups.findIndex((group, kind) => {
        const here = share[kind] * BigInt(group.length);
        if (ticket < here) return true;
        ticket -= here;
        return false;
      });
      yield groups[place].splice(Number(ticket / share[place]), 1)[0];
    }
  }
}

function succeeded(rules, lottery, streamOf, drawnIds, reserves, declined) {
  let panel = [...drawnIds];
  let waiting = reserves.map((row) => row.id);
  const declines = declined.map((one, place) => {
    const was = panel.includes(one) ? "member" : "reserve";
    need(was === "member" || waiting.includes(one), "DRAW_DIFFERS", { at: "/declines", expected: "", found: one });
    panel = panel.filter((id) => id !== one);
    waiting = waiting.filter((id) => id !== one);
    let joins = null;
    if (was === "member" && panel.length === rules.size - 1) {
      const fits = (id) => rules.hold([...panel, id]);
      joins = waiting.find(fits) ?? null;
      const out = new Set([...panel, ...waiting, ...declined.slice(0, place + 1)]);
      const order = joins === null ? others(rules, lottery, out, streamOf(`decline-${place + 1}`)) : [];
      for (const id of order) {
        if (fits(id)) {
          joins = id;
          break;
        }
      }
    }
    if (joins !== null) {
      panel = [...panel, joins].sort(byCodePoint);
      waiting = waiting.filter((id) => id !== joins);
    }
    return { id: one, was, joins };
  });
  return [panel, declines];
}

/* ---- the rules */

class Rules {
  constructor(problem, pool) {
    this.problem = problem;
    this.pool = pool;
    this.size = problem.size;
    this.ids = [...pool.keys()];
    this.excluded = new Set(problem.excluded.map((row) => row.id));
    this.fields = problem.seats.flatMap((row) => Array(Math.min(row.count, problem.size)).fill(row.field));
  }

  /** Whether these are a valid panel. */
  hold(ids) {
    const { problem } = this;
    const members = ids.map((one) => this.pool.get(one));
    const valuesOf = (name) => members.map((one) => own(one.attributes, name)).filter((value) => value !== undefined);
    if (new Set(ids).size !== problem.size || ids.length !== problem.size) return false;
    if (ids.some((one) => this.excluded.has(one)) || !this.canFill(ids, 0)) return false;
    const quotasHold = problem.quotas.every((row) => {
      const having = valuesOf(row.attribute).filter((value) => value === row.value).length;
      return row.min <= having && having <= row.max;
    });
    const capsHold = problem.caps.every((row) => {
      const tally = new Map();
      for (const value of valuesOf(row.attribute)) tally.set(value, (tally.get(value) ?? 0) + 1);
      return [...tally.values()].every((count) => count <= row.max);
    });
    const apart = problem.apart.every((row) => !(row.pair ?? row).every((one) => ids.includes(one)));
    const floor = problem.floor ?? { min: 0 };
    return quotasHold && capsHold && apart && (floor.waiver !== undefined || floor.min <= problem.size);
  }

  /** Members with their seats: the first seating in code-point order, then open members. */
  seated(ids) {
    let left = [...ids].sort(byCodePoint);
    const rows = this.fields.map((field, place) => {
      const sits = left.find(
        (one) => this.fits(one, field) && this.canFill(left.filter((other) => other !== one), place + 1),
      );
      need(sits !== undefined, "PANEL_INVALID");
      left = left.filter((one) => one !== sits);
      return { id: sits, seat: field };
    });
    return [...rows, ...left.map((id) => ({ id, seat: null }))];
  }

  fits(one, field) {
    return this.pool.get(one).fields.some((code) => code.startsWith(field));
  }

  /** Whether each seat from a place on can have a member of its own. */
  canFill(ids, from) {
    const holder = new Map();
    const seat = (place, tried) =>
      ids.some((one) => {
        if (tried.has(one) || !this.fits(one, this.fields[place])) return false;
        tried.add(one);
        if (holder.has(one) && !seat(holder.get(one), tried)) return false;
        holder.set(one, place);
        return true;
      });
    for (let place = from; place < this.fields.length; place += 1) {
      if (!seat(place, new Set())) return false;
    }
    return true;
  }
}

/* ---- numbers, texts, hashes */

class Stream {
  constructor(text) {
    this.key = sha256Bytes(new TextEncoder().encode(text));
    this.block = new Uint8Array(40);
    this.block.set(this.key);
    this.taken = 0;
  }

  /** A whole number from 0 to bound - 1, each as likely. */
  below(bound) {
    const bits = bound === 1n ? 0 : (bound - 1n).toString(2).length;
    for (;;) {
      let number = 0n;
      for (let taken = 0; taken < bits; taken += 256) {
        this.taken += 1;
        new DataView(this.block.buffer).setBigUint64(32, BigInt(this.taken));
        number = (number << 256n) | BigInt(`0x${hex(sha256Bytes(this.block))}`);
      }
      number = BigInt.asUintN(bits, number);
      if (number < bound) return number;
    }
  }
}

function modulo(number, whole) {
  return ((number % whole) + whole) % whole;
}

function commonDivisor(a, b) {
  while (b) [a, b] = [b, a % b];
  return a;
}

function commonMultiple(a, b) {
  return (a / commonDivisor(a, b)) * b;
}

function reduced(top, bottom) {
  const divisor = commonDivisor(top, bottom);
  return [top / divisor, bottom / divisor];
}

function add([a, b], [c, d]) {
  return reduced(a * d + c * b, b * d);
}

function fraction(text) {
  const match = /^(0|[1-9][0-9]*)(?:\/([1-9][0-9]*))?$/.exec(text);
  need(match, "LOTTERY_WRONG", { at: "/lottery/support" });
  return [BigInt(match[1]), BigInt(match[2] ?? 1)];
}

function own(object, name) {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Order texts by code points: where UTF-16 has a surrogate, the character is beyond all others. */
function byCodePoint(one, other) {
  const length = Math.min(one.length, other.length);
  for (let place = 0; place < length; place += 1) {
    const [a, b] = [one.charCodeAt(place), other.charCodeAt(place)];
    if (a !== b) {
      const isFar = (unit) => unit >= 0xd800 && unit < 0xe000;
      return isFar(a) === isFar(b) ? a - b : isFar(a) ? 1 : -1;
    }
  }
  return one.length - other.length;
}

/** RFC 8785 of a value of texts, whole numbers, true, false, null, lists and objects. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError("a number is not whole");
  return JSON.stringify(value) ?? "null";
}

function sha256(text) {
  return hex(sha256Bytes(new TextEncoder().encode(text)));
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* FIPS 180-4. The constants are the fractional parts of roots of the first primes: computed, not listed. */
const [START, ROUNDS] = (() => {
  const primes = [];
  for (let number = 2; primes.length < 64; number += 1) {
    if (primes.every((prime) => number % prime)) primes.push(number);
  }
  // The first 32 bits after the point of the n-th root: floor(root(prime * 2^(32 n))) in whole numbers.
  const bitsOf = (prime, n) => {
    const target = BigInt(prime) << BigInt(32 * n);
    let [low, high] = [0n, 1n << 40n];
    while (high - low > 1n) {
      const middle = (low + high) / 2n;
      if (middle ** BigInt(n) <= target) low = middle;
      else high = middle;
    }
    return Number(BigInt.asUintN(32, low));
  };
  return [primes.slice(0, 8).map((prime) => bitsOf(prime, 2)), primes.map((prime) => bitsOf(prime, 3))];
})();

function sha256Bytes(bytes) {
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  const state = Int32Array.from(START);
  const words = new Int32Array(64);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i += 1) words[i] = view.getInt32(block + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const [x, y] = [words[i - 15], words[i - 2]];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const first = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, place) => {
      state[place] = (state[place] + word) | 0;
    });
  }
  const found = new Uint8Array(32);
  state.forEach((word, place) => new DataView(found.buffer).setInt32(4 * place, word));
  return found;
}
