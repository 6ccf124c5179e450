"""Brings a log of the fake hub into a form that two clients can be compared by: a line a request.

Usage: requests.py LOG REPO. What differs by nature (ids, addresses, signatures) is replaced by its name;
JSON bodies are their keys, sorted, with a constant where the value matters.
"""

import json
import re
import sys

CONSTANTS = {"operation", "hash_algo", "algo", "encoding", "key", "uploadMode", "transfers", "visibility", "type"}
HEADERS = ["Authorization", "Accept", "Content-type", "Content-length", "Transfer-encoding", "Cookie", "Expect", "Range"]
VALUES = {"Accept", "Content-type"}


def place(line, repo):
    path, _, query = line["target"].partition("?")
    if line["origin"] == "storage":
        part = re.search(r"partNumber=(\d+)", query)
        return "{storage}" + (f" part {part[1]}" if part else "")
    path = path.replace(repo, "{repo}").replace(repo.replace("/", "%2F"), "{repo}")
    path = re.sub(r"\b[0-9a-f]{40}\b", "{commit}", path)
    query = re.sub(r"=[^&]*", "={}", query) if "complete_multipart" in path else query
    return path + ("?" + query if query else "")


def keys(value, name=""):
    if isinstance(value, dict):
        inner = [keys(value[key], f"{name}.{key}" if name else key) for key in sorted(value)]
        return [key for group in inner for key in group] or [name + "{}"]
    if isinstance(value, list) and name.rpartition(".")[2] not in CONSTANTS:
        found = [key for each in value for key in keys(each, name + "[]")]
        return list(dict.fromkeys(found)) or [name + "[]"]
    if name.rpartition(".")[2] in CONSTANTS:
        return [f"{name}={json.dumps(value)}"]
    return [name + ("=null" if value is None else "")]


def body(line):
    found = line["body"]
    if found is None:
        return "-"
    if line["headers"].get("Content-type") == "application/x-ndjson":
        return " | ".join(sorted(" ".join(keys(each)) for each in found))
    return " ".join(keys(found))


def header(line, name):
    value = line["headers"].get(name)
    if value is None or (name, value) == ("Accept", "*/*"):  # which is what no Accept means
        return None
    return f"{name.lower()}={value}" if name in VALUES else name.lower()


def main():
    log, repo = sys.argv[1:]
    for text in open(log, encoding="utf-8"):
        line = json.loads(text)
        headers = [each for each in (header(line, name) for name in HEADERS) if each]
        print("\t".join([f"{line['method']} {place(line, repo)}", body(line), " ".join(headers) or "-"]))


if __name__ == "__main__":
    main()
