import hashlib
import os


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def take(sh, md):
    return {"text": sh, "hashes": [digest(sh), digest(md)]}


def hashed(text):
    return digest(text)


def nested(value):
    return [digest(text) for text in value["key"] + value["list"]]


def environment():
    hashes = [digest(os.environ["LITERAL"]), digest(os.environ["PARAM"])]
    return {"hashes": hashes, "mixed": os.environ["MIXED"]}


def back(texts):
    sh, md, mixed = texts
    return [digest(sh), digest(md), digest(mixed.removeprefix("<").removesuffix(">"))]
