package signature_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zenc-dev/zenc/compiler"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/signature"
	"github.com/zenc-dev/zenc/compiler/signature/reader"
)

// findings are what is said of a step that calls m:f. files are Python files, one after a line "== path"; what stands before the first
// is m.py.
func findings(t *testing.T, step, files string) []*diag.Diagnostic {
	t.Helper()
	folder := fstest.MapFS{}
	for i, part := range strings.Split(files, "== ") {
		name, text := "m.py", part
		if i > 0 {
			name, text, _ = strings.Cut(part, "\n")
		}
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	data := []byte("name: test\nsteps:\n  s: {" + step + "}\n")
	p, diags := compiler.Compile(compiler.Source{Data: data, Code: folder, Folder: folder})
	if p == nil {
		t.Fatalf("%s: %s", step, diags.Sorted()[0].Message)
	}
	found := reader.Check(p, signature.Source{Data: data, Code: "code"}, []string{"python3"})
	return found.Sorted()
}

// TestCertain holds what is not certain to be no finding, and what is to be one. A call is m:f with n=1 unless step says otherwise.
func TestCertain(t *testing.T) {
	const call = `python: "m:f", with: {n: 1}`
	const text = `python: "m:f", with: {n: text}`
	const gives = `python: "m:f", outputs: {n: int}`
	for _, test := range []struct{ name, step, files, want string }{
		// What takes the argument.
		{"a keyword", call, "def f(*, n): ...", ""},
		{"the rest", call, "def f(**rest): ...", ""},
		{"no name for positions", call, "def f(*n): ...", "bad-call"},
		{"by position, and the rest", call, "def f(n=1, /, **rest): ...", ""},
		{"by position alone", call, "def f(n=1, /): ...", "bad-call"},
		{"by position, without a default", `python: "m:f"`, "def f(n, /, **rest): ...", "bad-call"},
		{"a lambda", call, "f = lambda x: x", ""},
		{"a class", call, "class f:\n    def __init__(self, n): ...", ""},
		{"a class without the argument", call, "class f:\n    def __init__(self, m=1): ...", "bad-call"},
		{"a class, self by position", call, "class f:\n    def __init__(self, /, n): ...", ""},
		{"an empty class", call, "class f: ...", "bad-call"},
		{"a class with a base", call, "from x import Base\nclass f(Base): ...", ""},
		{"a class with a metaclass", call, "class f(metaclass=M): ...", ""},
		{"a dataclass", call, "import dataclasses\n@dataclasses.dataclass\nclass f:\n    n: int", ""},
		{"a class with __new__", call, "class f:\n    def __new__(cls, n): ...\n    def __init__(self): ...", ""},
		{"a class with one of two __init__", call, "class f:\n    if True:\n        def __init__(self, n): ...", ""},
		{"a class whose __init__ is assigned", call, "class f:\n    __init__ = g", ""},
		// Where the function comes from.
		{"defined again", call, "def f(): ...\ndef f(n): ...", ""},
		{"defined again, otherwise", call, "def f(n): ...\ndef f(): ...", "bad-call"},
		{"overloaded", call, "from typing import overload\n@overload\ndef f(): ...\n@overload\ndef f(m): ...\ndef f(n): ...", ""},
		{"one of two", call, "if X:\n    def f(n): ...\nelse:\n    def f(): ...", ""},
		{"try and except", call, "try:\n    from fast import f\nexcept ImportError:\n    def f(): ...", ""},
		{"replaced", call, "def f(): ...\nf = wrapped(f)", ""},
		{"replaced by a function", call, "def f(): ...\ndef g():\n    global f\n    f = len", ""},
		{"deleted", call, "def f(): ...\ndel f", ""},
		{"another name", call, "def g(): ...\nf = g", "bad-call"},
		{"a name of itself", call, "f = f", ""},
		{"imported", call, "from a.b import f\n== a/b.py\ndef f(): ...", "bad-call"},
		{"imported by another name", call, "from a import g as f\n== a/__init__.py\nfrom .b import h as g\n== a/b.py\ndef h(): ...", "bad-call"},
		{"imported from two levels up", `python: "a.b.c:f", with: {n: 1}`, "\n== a/b/c.py\nfrom ..d import f\n== a/d.py\ndef f(): ...", "bad-call"},
		{"imported in a circle", call, "from n import f\n== n.py\nfrom m import f", ""},
		{"imported from a package", call, "from installed import f", ""},
		{"imported, and not there", call, "from n import f\n== n.py\n", ""},
		{"imported with *", call, "from n import *\n== n.py\ndef f(): ...", "bad-call"},
		{"imported with * after it", call, "def f(): ...\nfrom n import *\n== n.py\ndef f(n): ...", ""},
		{"imported with * from a package", call, "from installed import *", ""},
		{"a module", call, "from a import b as f\n== a/b.py\n== a/__init__.py\n", ""},
		{"__getattr__ of the module", call, "def __getattr__(name): ...", ""},
		{"globals()", call, "globals()['f'] = len", ""},
		{"a match", call, "match x:\n    case {'a': f}: ...", ""},
		{"a loop", call, "for f in [len]: ...", ""},
		{"a walrus", call, "print(f := len)", ""},
		{"a call", call, "f = partial(g, 1)", ""},
		{"None, set later", call, "f = None\ndef g():\n    global f\n    f = len", ""},
		{"a folder", `python: "a:f"`, "\n== a/b.py\ndef f(): ...", "missing-function"},
		{"a folder, which may be a package", `python: "a:f"}` + "\nrequirements: [a]\nlabels: {a: b", "\n== a/b.py\n", ""},
		{"a standard module", `python: "math:sqrt", with: {x: 1}`, "", ""},
		{"a part of one", `python: "os.path:nothing"`, "", ""},
		{"a file like a standard module", `python: "token:f"`, "\n== token.py\n", ""},
		// Decorators.
		{"a decorator", call, "@d\ndef f(): ...", ""},
		{"a cache", call, "import functools\n@functools.cache\ndef f(): ...", "bad-call"},
		{"a cache with a size", call, "from functools import lru_cache as c\n@c(maxsize=1)\ndef f(): ...", "bad-call"},
		{"wraps", call, "from functools import wraps\n@wraps(g)\ndef f(): ...", "bad-call"},
		{"a cache of ours", call, "from n import cache\n@cache\ndef f(): ...\n== n.py\ndef cache(f): return g", ""},
		{"a static method", call, "@staticmethod\ndef f(): ...", "bad-call"},
		{"an async function that is decorated", call, "@run\nasync def f(n): ...", ""},
		// Types of arguments.
		{"int for str", call, "def f(n: str): ...", "type-mismatch"},
		{"int for float", call, "def f(n: float): ...", ""},
		{"int for bool", call, "def f(n: bool): ...", "type-mismatch"},
		{"text for int", text, "def f(n: int = 1): ...", "type-mismatch"},
		{"one of a union", text, "def f(n: int | str): ...", ""},
		{"none of a union", text, "def f(n: int | float): ...", "type-mismatch"},
		{"none of an Optional", text, "import typing as t\ndef f(n: t.Optional[int]): ...", "type-mismatch"},
		{"one of a Union", text, "from typing import Union\ndef f(n: Union[int, str]): ...", ""},
		{"a union with something else", text, "def f(n: int | Thing): ...", ""},
		{"Any", text, "from typing import Any\ndef f(n: Any): ...", ""},
		{"object", text, "def f(n: object): ...", ""},
		{"in quotes", text, "def f(n: 'int'): ...", ""},
		{"not evaluated", text, "from __future__ import annotations\ndef f(n: int): ...", ""},
		{"an alias", text, "Number = int\ndef f(n: Number): ...", "type-mismatch"},
		{"an alias elsewhere", text, "from n import Number\ndef f(n: Number): ...\n== n.py\nNumber = int", "type-mismatch"},
		{"an alias of another package", text, "from x import Number\ndef f(n: Number): ...", ""},
		{"an alias of itself", text, "A = B\nB = A\ndef f(n: A): ...", ""},
		{"a name like a class", text, "from x import int\ndef f(n: int): ...", ""},
		{"a name that * may import", text, "from x import *\ndef f(n: int): ...", ""},
		{"a name of the class", text, "class f:\n    int = str\n    def __init__(self, n: int): ...", ""},
		{"a type variable", text, "from typing import TypeVar\nT = TypeVar('T', int, float)\ndef f(n: T): ...", ""},
		{"a class of ours", text, "class C: ...\ndef f(n: C): ...", ""},
		{"Annotated", text, "from typing import Annotated\ndef f(n: Annotated[int, 'x']): ...", "type-mismatch"},
		{"null", `python: "m:f", with: {n: null}`, "def f(n: int): ...", ""},
		{"any json", `python: "m:f", with: {n: "${{ json('1') }}"}`, "def f(n: int): ...", ""},
		{"json is no set", `python: "m:f", with: {n: "${{ json('1') }}"}`, "def f(n: set): ...", "type-mismatch"},
		{"a map", `python: "m:f", with: {n: {a: 1}}`, "def f(n: list): ...", "type-mismatch"},
		{"a list of ints", `python: "m:f", with: {n: [1]}`, "def f(n: list[float]): ...", ""},
		{"a list of texts", `python: "m:f", with: {n: [a]}`, "def f(n: list[int]): ...", "type-mismatch"},
		{"an empty list", `python: "m:f", with: {n: []}`, "def f(n: list[int]): ...", ""},
		{"a list for an iterable", `python: "m:f", with: {n: [a]}`, "from typing import Iterable\ndef f(n: Iterable[str]): ...", ""},
		{"a path", `python: "m:f", outputs: {n: file}`, "import os, pathlib\ndef f(n: pathlib.PurePath | os.PathLike): ...", ""},
		{"a path as text", `python: "m:f", outputs: {n: dir}`, "def f(n: str): ...", "type-mismatch"},
		// What is returned.
		{"nothing", gives, "def f(): print(1)", "bad-return"},
		{"nothing, for a json", `python: "m:f", outputs: {n: json}`, "def f(): print(1)", ""},
		{"nothing yet", gives, "def f(): raise NotImplementedError", ""},
		{"a return in a function within", gives, "def f():\n    def g(): return 1", "bad-return"},
		{"another type", gives, "def f() -> str: return 1", "type-mismatch"},
		{"None", gives, "def f() -> None: return 1", "type-mismatch"},
		{"perhaps None", gives, "def f() -> int | None: return 1", ""},
		{"a class that may be a number", gives, "import numpy as np\ndef f() -> np.int64: return 1", ""},
		{"a float for an int", gives, "def f() -> float: return 1", "type-mismatch"},
		{"an int for a float", `python: "m:f", outputs: {n: float}`, "def f() -> int: return 1", ""},
		{"a tuple for a list", `python: "m:f", outputs: {n: "list[int]"}`, "def f() -> tuple[int, ...]: return ()", ""},
		{"a list of other things", `python: "m:f", outputs: {n: "list[int]"}`, "def f() -> list[str]: return []", "type-mismatch"},
		{"anything for an object", `python: "m:f", outputs: {n: object}`, "def f() -> set: return 1", ""},
		{"anything for a file", `python: "m:f", outputs: {n: file}`, "def f(n) -> set: return 1", ""},
		{"a mapping for a json", `python: "m:f", outputs: {n: json}`, "def f(): return {'a': 1}", ""},
		{"a generator", `python: "m:f"`, "def f(): yield 1", "bad-return"},
		{"a generator within", `python: "m:f"`, "def f():\n    def g(): yield 1\n    return list(g())", ""},
		{"a mapping with a key of a run", `python: "m:f", outputs: {a: int, b: int}`, "def f(): return {'a': 1, b: 2}", ""},
		{"a mapping with another one in it", `python: "m:f", outputs: {a: int, b: int}`, "def f(): return {'a': 1, **more}", ""},
		{"one of two mappings", `python: "m:f", outputs: {a: int, b: int}`, "def f():\n    if x: return {'a': 1}\n    return {'a': 1, 'b': 2}", ""},
		{"a mapping of texts", `python: "m:f", outputs: {a: int, b: string}`, "def f() -> dict[str, str]: return x", "type-mismatch"},
		{"a mapping of objects", `python: "m:f", outputs: {a: object, b: file}`, "def f(b) -> list: return x", ""},
		{"a pair", `python: "m:f", outputs: {a: int, b: int}`, "def f() -> tuple[int, int]: return 1, 2", "bad-return"},
		{"a class for a mapping", `python: "m:f", outputs: {a: int, b: int}`, "class f: ...", ""},
		// The file.
		{"a byte order mark", call, "\ufeffdef f(): ...", "bad-call"},
		{"deep nesting", call, "def f(): ...\nx = " + strings.Repeat("(", 150) + strings.Repeat(")", 150), "bad-call"},
		{"too deep nesting", call, "def f(): ...\nx = " + strings.Repeat("-", 100000) + "1", ""},
		{"line ends of all sorts", call, "a = 1\rb = 2\r\nc = '\u2028 \u0085'\ndef f(): ...", "bad-call"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, d := range findings(t, test.step, test.files) {
				got = append(got, string(d.Code))
				for _, n := range d.Notes {
					if n.Pos.End <= n.Pos.Col || n.Pos.End-1 > len([]rune(n.Line)) || !strings.HasPrefix(n.File, "code/") {
						t.Errorf("a place that is not there: %+v", n)
					}
				}
			}
			if want := strings.Fields(test.want); !slices.Equal(got, want) {
				t.Errorf("findings %q, want %q", got, want)
			}
		})
	}
}

// TestFixes applies what is said to be meant.
func TestFixes(t *testing.T) {
	for _, test := range []struct{ step, files, at, text string }{
		{"python: m:ff, with: {n: 1}", "def f(n): ...", "ff", "f"},
		{"python: 'm:trian'", "def train(): ...", "trian", "train"},
		{`python: "m:trian"`, "def train(): ...", "trian", "train"},
		{"python: m:f, with: {wieght: 1}", "def f(weight): ...", "wieght", "weight"},
		{"python: m:f, with: {'wieght': 1}", "def f(weight): ...", "", ""}, // a quoted key is changed by hand
		{"python: m:f, outputs: {wieght: file}", "def f(weight): ...", "", ""},
		{"python: m:f, with: {x_trian: 1}", "def f(X_train): ...", "", ""}, // which cannot be the name of an input
	} {
		found := findings(t, test.step, test.files)
		if len(found) != 1 || (found[0].Fix == nil) != (test.at == "") {
			t.Errorf("%s: %d findings, the first with the fix %v", test.step, len(found), found[0].Fix)
			continue
		}
		if fix := found[0].Fix; fix != nil {
			line := "  s: {" + test.step + "}"
			if at := line[fix.Pos.Col-1 : fix.Pos.End-1]; at != test.at || fix.Text != test.text || fix.Safe {
				t.Errorf("%s: %q in place of %q, safe %v", test.step, fix.Text, at, fix.Safe)
			}
		}
	}
}

// TestAsPythonSays compares what is read of modules of the standard library with what Python says of them once they are imported.
func TestAsPythonSays(t *testing.T) {
	out, err := exec.Command("python3", "-W", "ignore", "testdata/compare.py").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestStandardModules holds the list to the interpreter that is here.
func TestStandardModules(t *testing.T) {
	out, err := exec.Command("python3", "-c", "import sys; print(*sys.stdlib_module_names) if (3, 11) <= sys.version_info < (3, 14) else print('abc')").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields(string(out)) {
		if !ir.IsStandardModule(name) && name[0] != '_' {
			t.Errorf("%s is a module of the standard library", name)
		}
	}
	if ir.IsStandardModule("pandas") || ir.IsStandardModule("") || ir.IsStandardModule("os.path") {
		t.Error("what is none is taken for one")
	}
}
