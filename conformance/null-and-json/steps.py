def make():
    nested = {"z": None, "ä": "true", "list": [None, 1.0, {"": False}]}
    return {"nothing": None, "text": "012", "nested": nested}


def look(literal, param, passed, text, nested, inner):
    return [literal, param, passed, text, nested, inner]
