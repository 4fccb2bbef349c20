import json


def split(parts, folder):
    for i in range(parts):
        (folder / f"{i}.json").write_text(json.dumps({"foo": i}))
    return list(range(parts))


def double(id, folder, result):
    foo = json.loads((folder / f"{id}.json").read_text())["foo"]
    result.write_text(json.dumps({"bar": foo * 2}))


def total(results, sum):
    n = 0
    for path in results:
        n += json.loads(path.read_text())["bar"]
    sum.write_text(str(n))
    return n
