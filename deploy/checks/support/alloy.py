"""Reads the syntax of Grafana Alloy: blocks, attributes, values. Enough for our files, an error for the rest."""

import re

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)|(?P<raw>`[^`]*`)|(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)|(?P<sign>==|[{}\[\]()=,])"""
)


class AlloyError(Exception):
    """What is wrong, and in which line."""


class Block:
    """A block: its name, its label, attributes, and blocks in it."""

    def __init__(self, name, label):
        self.name, self.label, self.attributes, self.blocks = name, label, {}, []

    def all(self, name):
        return [block for block in self.blocks if block.name == name]

    def one(self, name):
        found = self.all(name)
        return found[0] if found else Block(name, None)


class Reference(str):
    """A name that stands for another component's value."""


class Call(tuple):
    """A function with its arguments, or `==` with both sides."""


def tokens(text):
    at, line = 0, 1
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise AlloyError(f"line {line}: `{text[at : at + 20]}` is not understood")
        if match.lastgroup != "space":
            yield match.lastgroup, match.group(), line
        line += match.group().count("\n")
        at = match.end()
    yield "end", "", line


class Parser:
    def __init__(self, text):
        self.tokens = list(tokens(text))
        self.at = 0

    def peek(self, ahead=0):
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def take(self, sign=None):
        kind, value, line = self.peek()
        if sign is not None and value != sign:
            raise AlloyError(f"line {line}: `{value}` stands where `{sign}` is expected")
        self.at += 1
        return kind, value, line

    def body(self, block, end):
        while self.peek()[:2] != end:
            kind, name, line = self.take()
            if kind != "name":
                raise AlloyError(f"line {line}: `{name}` stands where a name is expected")
            if self.peek()[1] == "=":
                self.take("=")
                if name in block.attributes:
                    raise AlloyError(f"line {line}: `{name}` is said twice")
                block.attributes[name] = self.expression()
                continue
            label = self.string() if self.peek()[0] == "string" else None
            inner = Block(name, label)
            self.take("{")
            self.body(inner, ("sign", "}"))
            self.take("}")
            block.blocks.append(inner)
        return block

    def string(self):
        return re.sub(r"\\(.)", r"\1", self.take()[1][1:-1])

    def expression(self):
        value = self.value()
        if self.peek()[1] == "==":
            self.take("==")
            return Call(("==", value, self.value()))
        return value

    def value(self):
        kind, value, line = self.peek()
        if kind == "string":
            return self.string()
        self.take()
        if kind == "raw":
            return value[1:-1]
        if kind == "number":
            return float(value) if "." in value else int(value)
        if value == "[":
            return self.items("]", self.expression)
        if value == "{":
            return dict(self.items("}", self.pair))
        if kind != "name":
            raise AlloyError(f"line {line}: `{value}` stands where a value is expected")
        if value in ("true", "false"):
            return value == "true"
        if self.peek()[1] == "(":
            self.take("(")
            return Call((value, *self.items(")", self.expression)))
        return Reference(value)

    def items(self, end, item):
        found = []
        while self.peek()[1] != end:
            found.append(item())
            if self.peek()[1] != end:
                self.take(",")
        self.take(end)
        return found

    def pair(self):
        name = self.string() if self.peek()[0] == "string" else self.take()[1]
        self.take("=")
        return name, self.expression()


def parse(text):
    """The blocks of a file."""
    return Parser(text).body(Block("", None), ("end", "")).blocks
