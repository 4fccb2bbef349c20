"""The only way that text takes into a workflow: quoting for YAML, for GitHub's expressions and for comments."""

import json
import re

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./@-]*( [A-Za-z0-9_./@-]+)*")
RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


class Expression(str):
    """Text with ${{ … }} in it that this flavor made itself; no text of a spec is in it but through literal()."""


class Block(list):
    """Lines of a literal block; they are this flavor's own, too."""


def quote(text):
    """Text as a YAML scalar."""
    if PLAIN.fullmatch(text) and text.lower() not in RESERVED:
        return text
    return '"' + "".join(map(escape, text)) + '"'


def escape(char):
    code = ord(char)
    if char in '"\\':
        return "\\" + char
    if 32 <= code < 127:
        return char
    if code < 256:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def inert(text):
    """Text in which GitHub finds no expression."""
    return text.replace("${{", "${{ '${{' }}")


def literal(text):
    """A string of GitHub's expressions."""
    return "'" + text.replace("'", "''") + "'"


def comment(text):
    """Text that stays within its line."""
    return json.dumps(text)


def dump(value, indent=0):
    """Mappings, lists, texts, numbers and bools as lines of YAML."""
    lines, space = [], " " * indent
    for key, item in value.items():
        if isinstance(item, Comment):
            lines.append(f"{space}# {comment(item.text)}")
        elif isinstance(item, Block):
            lines.append(f"{space}{key}: |")
            lines += [f"{space}  {line}" for line in item]
        elif isinstance(item, dict) and item:
            lines += [f"{space}{key}:", *dump(item, indent + 2)]
        elif isinstance(item, list) and item and isinstance(item[0], dict):
            lines.append(f"{space}{key}:")
            for entry in item:
                first, *rest = dump(entry, indent + 4)
                lines += [f"{space}  - {first.strip()}", *rest]
        else:
            lines.append(f"{space}{key}: {scalar(item)}")
    return lines


class Comment:
    """Stands for a line of its own in a mapping."""

    def __init__(self, text):
        self.text = text


def scalar(value):
    if isinstance(value, list):
        return "[" + ", ".join(map(scalar, value)) + "]"
    if isinstance(value, Expression):
        is_plain = not re.search(r": | #|^[\"'&*!|>%@`{\[-]", value)
        return value if is_plain else '"' + "".join(map(escape, value)) + '"'
    if isinstance(value, str):
        return quote(inert(value))
    return {} == value and "{}" or json.dumps(value)
