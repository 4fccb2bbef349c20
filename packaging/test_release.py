"""A release, looked at and used as its users do: make packaging makes it, and names its folder and the environments of the tests."""

import base64
import csv
import email
import hashlib
import io
import os
import pathlib
import platform
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import zipfile

TOP = pathlib.Path(__file__).resolve().parent.parent
RELEASE = pathlib.Path(os.environ["ZENC_RELEASE"])
VENVS = pathlib.Path(os.environ["ZENC_VENVS"])
VERSION = (TOP / "VERSION").read_text().strip()
PLATFORMS = [
    (system, processor)
    for system in ("linux", "darwin", "windows")
    for processor in ("amd64", "arm64")
]
HERE = "{}-{}".format(
    platform.system().lower(),
    {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
)


def run(*argv, cwd=TOP, **env):
    """What a program prints; what it says on stderr is shown if it fails."""
    done = subprocess.run(
        [str(a) for a in argv],
        check=False,
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise AssertionError(f"{argv}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Folder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="zenc-release-"))
        self.addCleanup(shutil.rmtree, self.dir)


class Content(unittest.TestCase):
    def test_checksums(self):
        lines = (RELEASE / "SHA256SUMS").read_text().splitlines()
        want = {
            f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}"
            for f in RELEASE.iterdir()
            if f.name != "SHA256SUMS"
        }
        self.assertEqual(set(lines), want)
        self.assertEqual(len(lines), 2 * len(PLATFORMS))

    def test_archives(self):
        beside = [
            "LICENSE",
            "README.md",
            "THIRD-PARTY-LICENSES.txt",
            *(
                f"completions/{n}"
                for n in ("_zenc", "zenc.bash", "zenc.fish", "zenc.ps1")
            ),
        ]
        for archive in [*RELEASE.glob("*.tar.gz"), *RELEASE.glob("*.zip")]:
            with self.subTest(archive.name):
                files = unpacked(archive)
                folder = re.sub(r"\.(tar\.gz|zip)$", "", archive.name)
                program = "zenc.exe" if "windows" in folder else "zenc"
                self.assertEqual(
                    list(files), [f"{folder}/{n}" for n in [*beside, program]]
                )
                self.check_program(files[f"{folder}/{program}"], folder)
                licenses = files[f"{folder}/THIRD-PARTY-LICENSES.txt"].decode()
                for work in ("github.com/spf13/cobra v", "gopkg.in/yaml.v3 v", "Go 1."):
                    self.assertIn(f"\n{work}", licenses)
                self.assertEqual(
                    "mousetrap" in licenses, "windows" in folder
                )  # cobra needs it there alone

    def check_program(self, program, folder):
        """The program is one of its system, and tells nothing of this machine."""
        magic = {"linux": b"\x7fELF", "darwin": b"\xcf\xfa\xed\xfe", "windows": b"MZ"}
        self.assertTrue(program.startswith(magic[folder.split("-")[2]]))
        goroot = run("go", "env", "GOROOT").strip()
        for trace in (str(TOP), str(pathlib.Path.home() / "go"), goroot):
            self.assertFalse(
                trace.encode() in program, f"{folder}: {trace} is in the program"
            )

    def test_wheels(self):
        tools = VENVS / "packaging/bin"
        wheels = sorted(RELEASE.glob("*.whl"))
        run(tools / "check-wheel-contents", *wheels)
        run(tools / "twine", "check", "--strict", *wheels)
        known = set(
            run(
                tools / "python",
                "-c",
                "import trove_classifiers as t; print(*t.classifiers, sep='\\n')",
            ).splitlines()
        )
        for wheel in wheels:
            with self.subTest(wheel.name), zipfile.ZipFile(wheel) as z:
                info = f"zenc_compiler-{VERSION}.dist-info/"
                for name, digest, size in csv.reader(
                    io.TextIOWrapper(z.open(info + "RECORD"))
                ):
                    if name != info + "RECORD":
                        sha = (
                            base64.urlsafe_b64encode(
                                hashlib.sha256(z.read(name)).digest()
                            )
                            .rstrip(b"=")
                            .decode()
                        )
                        self.assertEqual(
                            (digest, int(size)), ("sha256=" + sha, len(z.read(name)))
                        )
                tags = email.message_from_bytes(z.read(info + "WHEEL")).get_all("Tag")
                self.assertEqual(
                    [
                        f"py3-none-{t}"
                        for t in wheel.name[:-4].split("-")[-1].split(".")
                    ],
                    tags,
                )
                self.assertLessEqual(
                    set(
                        email.message_from_bytes(z.read(info + "METADATA")).get_all(
                            "Classifier"
                        )
                    ),
                    known,
                )


def unpacked(archive):
    """The content of the files of an archive, by their names, in their order."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as z:
            return {name: z.read(name) for name in z.namelist()}
    with tarfile.open(archive) as t:
        return {m.name: t.extractfile(m).read() for m in t.getmembers()}


class Use(Folder):
    def program(self):
        """The program of this machine's archive."""
        shutil.unpack_archive(
            RELEASE / f"zenc-{VERSION}-{HERE}.tar.gz", self.dir / "archive"
        )
        return self.dir / f"archive/zenc-{VERSION}-{HERE}/zenc"

    def test_wheel(self):
        """A clean environment has zenc by pip, and nothing of it when it is removed."""
        run("python3", "-m", "venv", self.dir / "venv")
        bin = self.dir / "venv/bin"
        pip = [bin / "python", "-m", "pip", "--disable-pip-version-check"]
        run(*pip, "install", "--no-index", "--find-links", RELEASE, "zenc-compiler")
        self.assertEqual(run(bin / "zenc", "version"), f"zenc {VERSION}\n")
        self.assertEqual(
            run(bin / "python", "-m", "zenc", "version"), f"zenc {VERSION}\n"
        )
        example = TOP / "examples/penguins"
        for stack in ("airflow", "cluster", "local"):
            run(
                bin / "zenc",
                "build",
                "pipeline.yaml",
                "--stack",
                stack,
                "--check",
                cwd=example,
            )
        wrong = subprocess.run(
            [bin / "python", "-m", "zenc", "build", "--nonsense"],
            check=False,
            capture_output=True,
        )
        self.assertEqual(wrong.returncode, 2)
        run(*pip, "uninstall", "--yes", "zenc-compiler")
        left = [
            f for f in (self.dir / "venv").rglob("*zenc*") if f.name != "__pycache__"
        ]
        self.assertEqual(left, [])

    def test_target(self):
        """python -m zenc finds the program where pip installs for a folder."""
        target = self.dir / "target"
        pip = [VENVS / "uv/bin/pip", "--disable-pip-version-check"]
        run(
            *pip,
            "install",
            "--no-index",
            "--find-links",
            RELEASE,
            "--target",
            target,
            "zenc-compiler",
        )
        self.assertEqual(
            run(
                "python3", "-m", "zenc", "version", PYTHONPATH=str(target), cwd=self.dir
            ),
            f"zenc {VERSION}\n",
        )

    def test_completion(self):
        self.assertIn("--flavor\t", run(self.program(), "__complete", "build", "--fla"))

    def test_generated_programs(self):
        """Programs that zenc generates compile for all systems of the release."""
        program = self.program()
        for spec in (
            "examples/penguins/pipeline.yaml",
            "golden/ml-pipeline/pipeline.yaml",
        ):
            run(
                program,
                "build",
                TOP / spec,
                "--flavor",
                "local",
                "-o",
                self.dir / "generated",
                cwd=self.dir,
            )
        generated = [f.parent for f in (self.dir / "generated").glob("*/go.mod")]
        self.assertEqual(len(generated), 2)
        for folder in generated:
            for system, processor in PLATFORMS:
                env = {
                    "GOOS": system,
                    "GOARCH": processor,
                    "CGO_ENABLED": "0",
                    "GOFLAGS": "-trimpath",
                }
                run("go", "build", "-o", self.dir / "out", ".", cwd=folder, **env)


class Documentation(Folder):
    """The commands of docs/install.md, with a folder for the index, a proxy and the place where releases lie."""

    def blocks(self):
        text = (TOP / "docs/install.md").read_text()
        self.assertIn(f"zenc-compiler=={VERSION}", text)
        return re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)

    def script(self, block, cwd, **env):
        return run("bash", "-euo", "pipefail", "-c", block, cwd=cwd, **env)

    def setUp(self):
        super().setUp()
        self.bin = self.dir / "bin"
        self.bin.mkdir()
        (self.bin / "curl").write_text('#!/bin/sh\ncp "$ZENC_RELEASE/${2##*/}" .\n')
        (self.bin / "curl").chmod(0o755)
        (self.bin / "uv").symlink_to(VENVS / "uv/bin/uv")
        run("python3", "-m", "venv", self.dir / "venv")
        self.env = {
            "HOME": str(self.dir),
            "PATH": os.pathsep.join(
                map(str, [self.bin, self.dir / "venv/bin", os.environ["PATH"]])
            ),
            "GOCACHE": run("go", "env", "GOCACHE").strip(),
            "GOMODCACHE": run("go", "env", "GOMODCACHE").strip(),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(RELEASE),
            "UV_OFFLINE": "1",
            "UV_NO_INDEX": "1",
            "UV_FIND_LINKS": str(RELEASE),
            "UV_NO_CONFIG": "1",
        }

    def test_page(self):
        tool, pip, install, archive, rebuild, completions = self.blocks()
        self.script(tool, self.dir, **self.env)
        self.assertEqual(
            run(self.dir / ".local/bin/zenc", "version"), f"zenc {VERSION}\n"
        )
        (self.dir / ".local/bin/zenc").unlink()
        self.assertEqual(
            self.script(pip, self.dir, **self.env).count(f"zenc {VERSION}\n"), 2
        )
        self.assertEqual(
            install, "go install github.com/zenc-dev/zenc/cmd/zenc@latest\n"
        )  # which install_test.go tests
        printed = self.script(archive, self.dir, **self.env)
        self.assertIn(f"zenc-{VERSION}-linux-amd64.tar.gz: OK", printed)
        self.assertIn(f"zenc {VERSION}\n", printed)
        self.script(completions, self.dir, **self.env)
        run("bash", "-n", self.dir / ".local/share/bash-completion/completions/zenc")
        self.assertIn(
            "#compdef zenc", (self.dir / ".zsh/completions/_zenc").read_text()
        )
        self.check_rebuild(rebuild)

    def check_rebuild(self, block):
        """The same bytes come of a copy of the sources in another folder, for another user."""
        copy = self.dir / "elsewhere/source"
        for name in (
            run(
                "git",
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
                "--deduplicate",
            )
            .strip("\0")
            .split("\0")
        ):
            if (TOP / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(TOP / name, copy / name)
        shutil.copy(self.dir / f"zenc-{VERSION}-linux-amd64.tar.gz", copy)
        self.script(block, copy, **self.env)
        for wheel in RELEASE.glob("*-manylinux*_x86_64.whl"):
            self.assertEqual(
                wheel.read_bytes(), (copy / "mine" / wheel.name).read_bytes()
            )


if __name__ == "__main__":
    unittest.main()
