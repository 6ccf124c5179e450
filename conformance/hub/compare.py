"""Compares what two clients asked for with the table of justified differences; prints one line a check.

Usage: compare.py CASE PYTHON OURS TABLE, two outputs of requests.py. A row of the table: cases, or * for all;
tab; difference; tab; reason. The difference "order: REQUEST" takes a request out of the comparison of their order.
"""

import collections
import sys


def requests(path):
    found = collections.OrderedDict()
    for line in open(path, encoding="utf-8"):
        place, body, headers = line.rstrip("\n").split("\t")
        found.setdefault(place, []).append((body, headers))
    return found


def differences(theirs, ours):
    for place in list(theirs) + [each for each in ours if each not in theirs]:
        if place not in ours:
            yield f"{place}: only python"
        elif place not in theirs:
            yield f"{place}: only athanor"
        else:
            if len(theirs[place]) != len(ours[place]):
                yield f"{place}: {len(theirs[place])} times by python, {len(ours[place])} by athanor"
            for what, index in (("body", 0), ("header", 1)):
                before = set(theirs[place][0][index].split())
                after = set(ours[place][0][index].split())
                yield from (f"{place}: {what} {each}: only python" for each in sorted(before - after))
                yield from (f"{place}: {what} {each}: only athanor" for each in sorted(after - before))


def order(requests, others, free):
    """The requests of both; the storage may get the parts of a file in any order."""
    return [each for each in requests if each in others and each not in free and "{storage}" not in each]


def main():
    case, theirs, ours, table = sys.argv[1:]
    theirs, ours = requests(theirs), requests(ours)
    with open(table, encoding="utf-8") as lines:
        rows = [line.split("\t") for line in lines if not line.startswith("#")]
    known = {row[1] for row in rows if row[0] == "*" or case in row[0].split()}
    free = {row.removeprefix("order: ") for row in known if row.startswith("order: ")}
    expected = {row for row in known if not row.startswith("order: ")}
    found = set(differences(theirs, ours))
    wrong = [f"not in the table: {each}" for each in sorted(found - expected)]
    wrong += [f"in the table, but not so: {each}" for each in sorted(expected - found)]
    if order(theirs, ours, free) != order(ours, theirs, free):
        wrong.append(f"other order: {order(ours, theirs, free)}")
    for each in wrong:
        print(f"not ok athanor: {case} upload: {each}")
    if not wrong:
        print(f"ok athanor: {case} upload asks as the Python client does ({len(theirs)} addresses), except as in the table")


if __name__ == "__main__":
    main()
