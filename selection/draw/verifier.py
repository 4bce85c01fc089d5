#!/usr/bin/env python3
"""Do a draw again from its record alone: python3 verifier.py RECORD.json [HASH OF THE COMMITMENT AS PUBLISHED]
Python 3.10 and nothing else; the rules: page panel-draw/1. Exit codes: 0 true, 2 no draw record, 3 not true."""

import gc
import hashlib
import json
import sys
from fractions import Fraction
from functools import cache
from itertools import accumulate, chain, count, islice, pairwise
from math import lcm
from pathlib import Path
from typing import Any
from unicodedata import is_normalized


def verify(text: str, published: str = "") -> str:
    def need(holds: Any, says: str) -> None:
        if not holds:
            raise AssertionError(says)

    def canonical(value: Any) -> str:  # RFC 8785: where its order of keys is not Python's, they were sorted when read
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=not far)

    def stream(domain: str) -> Any:
        key, numbers = hashlib.sha256(f"panel-draw/1\0{domain}\0{digest}\0{record['seed']}".encode()).digest(), count(1)

        def below(bound: int) -> int:
            bits, found = (bound - 1).bit_length(), bound
            while found >= bound:
                blocks = (key + number.to_bytes(8, "big") for number in islice(numbers, -(-bits // 256)))
                found = int("0" + "".join(hashlib.sha256(one).hexdigest() for one in blocks), 16) & ((1 << bits) - 1)
            return found

        return below

    @cache
    def seated(left: tuple[str, ...], place: int = 0) -> Any:  # the first seating in code-point order, None without one
        if place >= len(fields):
            return [{"id": one, "seat": None} for one in left]
        for one in (one for one in left if any(code.startswith(fields[place]) for code in pool[one]["fields"])):
            if (rest := seated(tuple(x for x in left if x != one), place + 1)) is not None:
                return [{"id": one, "seat": fields[place]}, *rest]
        return None

    def valid(ids: list[str]) -> bool:
        of = [pool[one]["attributes"] for one in ids]
        good = len(ids) == len(set(ids)) == problem["size"] and seated(tuple(sorted(ids))) is not None
        good &= all(q["min"] <= sum(x.get(q["attribute"]) == q["value"] for x in of) <= q["max"] for q in quotas)
        for name, most in ((row["attribute"], row["max"]) for row in caps):
            good &= all([x.get(name) for x in of].count(y[name]) <= most for y in of if name in y)
        return good and not any(set(ids).issuperset(x["pair"] if isinstance(x, dict) else x) for x in problem["apart"])

    def others(out: set[str], domain: str) -> Any:  # drawn one after the other by their chances, who has none last
        below, rest = stream(domain), [x for x in pool if x not in excluded and named.get(x, "0") == "0"]
        for groups, odd in ((types, odds), ([rest], [Fraction(1)])):
            left, unit = [[x for x in ids if x not in out] for ids in groups], lcm(*(x.denominator for x in odd))
            while (ends := list(accumulate(int(x * unit) * len(ids) for x, ids in zip(odd, left, strict=True))))[-1]:
                ticket = below(ends[-1])
                t = next(t for t, end in enumerate(ends) if ticket < end)
                yield left[t].pop((ticket - ends[t]) // int(odd[t] * unit))  # a place counted from the end

    far = "\\u" in text or len(text.encode("utf-16-le")) > 2 * len(text)  # keys as UTF-16 may stand in another order
    hook = (lambda pairs: dict(sorted(pairs, key=lambda pair: pair[0].encode("utf-16-be")))) if far else None
    record = json.loads(text, object_pairs_hook=hook)
    fixed, problem, lottery = record["commitment"], record["commitment"]["problem"], record["commitment"]["lottery"]
    inner_text, types, kinds = canonical(problem), lottery["types"], range(len(lottery["types"]))
    outer_text = canonical({**fixed, "problem": "\0"}).replace('"problem":"\\u0000"', f'"problem":{inner_text}')
    inner, digest = (hashlib.sha256(one.encode()).hexdigest() for one in (inner_text, outer_text))
    need(inner == fixed["problem_sha256"], "PROBLEM_HASH_DIFFERS: pool or rules were altered")
    need(digest == record["commitment_sha256"], "COMMITMENT_HASH_DIFFERS: the commitment was altered")
    need(published in ("", digest), f"COMMITMENT_OTHER: this one has the hash {digest}")
    pool, excluded = {one["id"]: one for one in problem["candidates"]}, {row["id"] for row in problem["excluded"]}
    normal = [one["id"] for one in problem["candidates"]] == sorted(pool) and is_normalized("NFC", "\n".join(pool))
    need(normal, "PROBLEM_NOT_NORMAL: candidates repeat or are out of order")
    fields = [row["field"] for row in problem["seats"] for _ in range(min(row["count"], problem["size"]))]
    quotas, caps, spread, support = problem["quotas"], problem["caps"], lottery.get("x-spread"), lottery["support"]
    weights = [Fraction(row["weight"]) for row in support]
    counts = [[sum(x["seats"] for x in row["composition"] if x["type"] == t) for t in kinds] for row in support]
    odds = [sum(w * c[t] for w, c in zip(weights, counts, strict=True)) / len(types[t]) for t in kinds]
    named = {one: chance for ids, chance in zip(types, map(str, odds), strict=True) for one in ids}
    right = lottery["chances"] == {**dict.fromkeys(lottery["chances"], "0"), **named}
    right &= lottery["chances"].keys() <= pool.keys() and not named.keys() & excluded
    right &= len(named) == sum(map(len, types)) and all(ids == sorted(ids) for ids in types)
    right &= sum(weights) == 1 and min(weights) > 0 and all(sum(c) == problem["size"] for c in counts)
    values: dict[Any, dict[int, list[str]]] = {}
    for one, t in ((one, k) for k in kinds for one in types[k] if one in pool):
        values.setdefault(pool[one]["attributes"].get(spread), {}).setdefault(t, []).append(one)
    last, whole = values.pop(None, {}), lcm(*map(len, types))
    shares = [[c[t] * whole // len(types[t]) for t in kinds] for c in counts]
    cap = whole * min((row["max"] for row in caps if row["attribute"] == spread), default=0)
    most = [max(column) for column in zip(*shares, strict=True)]
    heavy = [row for row in values.values() if sum(len(row[t]) * most[t] for t in row) > cap]
    right &= all(sum(len(row[t]) * share[t] for t in row) <= cap for share in shares for row in heavy)
    need(right and inner == lottery["problem_sha256"], "LOTTERY_WRONG: it contradicts itself or the problem")
    rows, good = record["sources"], [x["name"] for x in record["sources"]] == [x["name"] for x in fixed["sources"]]
    for row in (row for source, row in zip(fixed["sources"], rows, strict=False) if source["kind"] == "drand"):
        good &= row["value"] == hashlib.sha256(bytes.fromhex(row.get("signature", ""))).hexdigest()
    need(good and record["seed"] == "\n".join(row["value"] for row in rows), "SEED_DIFFERS: see the sources")
    ticket = stream("composition")(units := lcm(*(weight.denominator for weight in weights)))
    place = next(i for i, end in enumerate(accumulate(weights)) if ticket < end * units)
    share, cells, room, at = shares[place], {}, 0, -1  # type: ignore[var-annotated]
    for row in [*(values[value] for value in sorted(values)), last]:
        expected = sum(len(ids) * share[t] for t, ids in row.items())
        at, room = (at + 1, whole) if expected > room or row is last else (at, room)
        room -= expected
        for t in row:
            cells.setdefault((at, t), []).extend(row[t])
    parts, below = {(r, t): len(ids) * share[t] for (r, t), ids in cells.items()}, stream("rounding")
    parts |= {(x, len(types)): -sum(part for (r, _), part in parts.items() if r == x) % whole for x in range(at + 1)}
    for start in range(at + 1):  # while a part of the row is not whole: walk from row to column until one is met again
        while any(part % whole for (r, _), part in parts.items() if r == start):
            walk = [start]  # a column is ~t
            while walk.count(here := walk[-1]) < 2:
                near = [~t if here >= 0 else r for (r, t), n in parts.items() if n % whole and here in (r, ~t)]
                walk.append(next(x for x in sorted(near, key=abs) if [x] != walk[-2:-1]))
            path = [(max(edge), ~min(edge)) for edge in pairwise(walk[walk.index(walk[-1]) :])]
            up, down = (min(n * (-1) ** i * parts[cell] % whole for i, cell in enumerate(path)) for n in (-1, 1))
            step = up if below(up + down) < down else -down
            parts |= {cell: parts[cell] + (-1) ** i * step for i, cell in enumerate(path)}
    below, drawn = stream("members"), []
    for ids, n in ((sorted(cells[cell]), parts[cell] // whole) for cell in sorted(cells)):
        drawn += [ids.pop(below(len(ids))) for _ in range(n)]
    swaps = ((x, [y for y in sorted(drawn) if valid([*set(drawn) - {y}, x])]) for x in others(set(drawn), "reserves"))
    reserves = [{"id": x, "replaces": y} for x, y in islice((swap for swap in swaps if swap[1]), fixed["reserves"])]
    panel, waiting, declines = list(drawn), [row["id"] for row in reserves], []
    for number, one in enumerate(gone := [row["id"] for row in record["declines"]], 1):
        need(one in panel or one in waiting, f"DRAW_DIFFERS: {one} could not decline")
        was, panel = "member" if one in panel else "reserve", [x for x in panel if x != one]
        more = others({*panel, *waiting, *gone[:number]}, f"decline-{number}")
        could = chain(waiting, more) if was == "member" and len(panel) == problem["size"] - 1 else ()
        joins = next((x for x in could if valid([*panel, x])), None)
        panel, waiting = panel + [joins] * bool(joins), [x for x in waiting if x not in (one, joins)]
        declines.append({"id": one, "was": was, "joins": joins})
    again = {"composition": place, "reserves": reserves, "declines": declines, "drawn": seated(tuple(sorted(drawn)))}
    again |= {"panel": seated(tuple(sorted(panel)), (len(panel) < problem["size"]) * len(fields))}
    for key, value in {**again, "reserves_missing": fixed["reserves"] - len(reserves)}.items():
        need(record[key] == value, f"DRAW_DIFFERS: {key} is {value}, but the record says {record[key]}")
    need(valid(drawn), "PANEL_INVALID: it breaks a rule")
    return f"VERIFIED. The commitment has the hash {digest}: compare it with the one published before the draw."


if __name__ == "__main__":
    gc.disable()  # a large record is read in half the time
    try:
        print(verify(Path(sys.argv[1]).read_text("utf-8-sig"), *sys.argv[2:3]))
    except Exception as fault:  # noqa: BLE001 -- whatever it is, this is no true record
        print(f"NOT VERIFIED. {fault if isinstance(fault, AssertionError) else repr(fault)}")
        sys.exit(3 if isinstance(fault, AssertionError) else 2)
