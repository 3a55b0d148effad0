"""The catalogues of visible strings: `make i18n` reads the code, brings every .po in line and compiles it.

New strings are added empty, or with the words of the one that they replaced, marked fuzzy; strings that are gone go. Exits
with 1 while something is not translated, and says what.
"""

import ast
import re
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCALES = ROOT / "domain" / "locale"
ROOMS = ("domain", "storage", "mail", "gateways", "loop", "tui", "cli", "demo")
MARKS = {"_": 1, "N_": 1, "ngettext": 2}
"""The functions that a visible string passes, and how many strings each is given."""

HEADER = r"""Project-Id-Version: retorno\n
Language: {language}\n
MIME-Version: 1.0\n
Content-Type: text/plain; charset=UTF-8\n
Content-Transfer-Encoding: 8bit\n
Plural-Forms: nplurals=2; plural=(n > 1);\n
"""


@dataclass(frozen=True)
class Entry:
    """A string, its plural if it has one, and what it is in another language."""

    one: str
    many: str = ""
    said: tuple[str, ...] = ("",)
    files: tuple[str, ...] = ()
    fuzzy: bool = False

    @property
    def complete(self) -> bool:
        """Whether every form is translated and nobody has to look at it again."""
        return not self.fuzzy and all(self.said) and len(self.said) == (2 if self.many else 1)


@dataclass
class _Found:
    many: str = ""
    files: list[str] = field(default_factory=list)


def extract(root: Path = ROOT) -> list[Entry]:
    """Every visible string of the code, in the order of rooms and files."""
    found: dict[str, _Found] = {}
    for path in (p for room in ROOMS for p in sorted((root / room).rglob("*.py"))):
        name = path.relative_to(root).as_posix()
        for one, many in strings(ast.parse(path.read_text("utf-8"))):
            seen = found.setdefault(one, _Found())
            seen.many = seen.many or many
            if name not in seen.files:
                seen.files.append(name)
    return [Entry(one, f.many, ("", "") if f.many else ("",), tuple(f.files)) for one, f in found.items()]


def strings(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The strings of one file with their plurals, '' where there is none."""
    calls = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in MARKS
    ]
    for call in sorted(calls, key=lambda n: (n.lineno, n.col_offset)):
        assert isinstance(call.func, ast.Name)
        words = [a.value for a in call.args[: MARKS[call.func.id]] if isinstance(a, ast.Constant) and a.value]
        if len(words) == MARKS[call.func.id] and all(isinstance(w, str) for w in words):
            yield str(words[0]), str(words[1]) if len(words) > 1 else ""


def read(text: str) -> list[Entry]:
    """The entries of a .po file, the header aside."""
    entries = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip().splitlines()
        fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in lines)
        files = tuple(name for line in lines if line.startswith("#: ") for name in line[3:].split())
        parts: dict[str, str] = {}
        key = ""
        for line in lines:
            if m := re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line):
                key = m[1]
                parts[key] = ast.literal_eval(m[2])
            elif line.startswith('"'):
                parts[key] += ast.literal_eval(line)
        if parts.get("msgid"):
            said = tuple(v for k, v in sorted(parts.items()) if k.startswith("msgstr"))
            entries.append(Entry(parts["msgid"], parts.get("msgid_plural", ""), said, files, fuzzy))
    return entries


def merge(code: Iterable[Entry], there: Iterable[Entry]) -> list[Entry]:
    """What the code says now, with the translations that there are; near misses are proposed as fuzzy."""
    known = {entry.one: entry for entry in there}
    merged = []
    for entry in code:
        old = known.get(entry.one)
        near = [] if old else get_close_matches(entry.one, known, 1, 0.8)
        if old and len(old.said) == len(entry.said):
            entry = replace(entry, said=old.said, fuzzy=old.fuzzy)
        elif near and len(known[near[0]].said) == len(entry.said):
            entry = replace(entry, said=known[near[0]].said, fuzzy=any(known[near[0]].said))
        merged.append(entry)
    return merged


def write(entries: Iterable[Entry], language: str) -> str:
    """A .po file."""
    header = "".join(f'"{line}"\n' for line in HEADER.format(language=language).splitlines())
    blocks = [f'# Retorno in {language}; `make i18n` keeps it in line with the code.\nmsgid ""\nmsgstr ""\n{header}']
    for entry in entries:
        lines = [f"#: {' '.join(entry.files)}"] if entry.files else []
        lines += ["#, fuzzy"] if entry.fuzzy else []
        lines.append(f"msgid {_quoted(entry.one)}")
        if entry.many:
            lines.append(f"msgid_plural {_quoted(entry.many)}")
            lines += [f"msgstr[{n}] {_quoted(said)}" for n, said in enumerate(entry.said)]
        else:
            lines.append(f"msgstr {_quoted(entry.said[0])}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n")
    return f'"{escaped}"'


def compile(entries: Iterable[Entry], language: str) -> bytes:
    """A .mo file (GNU gettext's binary form, little-endian, without a hash table) of the complete entries."""
    pairs = {"": HEADER.format(language=language).replace("\\n\n", "\n")}
    for entry in entries:
        if entry.complete:
            pairs[f"{entry.one}\0{entry.many}" if entry.many else entry.one] = "\0".join(entry.said)
    ids = sorted((id.encode(), said.encode()) for id, said in pairs.items())
    start = 28 + 16 * len(ids)
    texts, tables = b"", ([], [])
    for side in (0, 1):
        for pair in ids:
            tables[side].extend((len(pair[side]), start + len(texts)))
            texts += pair[side] + b"\0"
    words = [0x950412DE, 0, len(ids), 28, 28 + 8 * len(ids), 0, start, *tables[0], *tables[1]]
    return struct.pack(f"<{len(words)}I", *words) + texts


def main() -> int:
    """Bring every catalogue in line; how many were left incomplete decides the exit code."""
    code = extract()
    left = 0
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/retorno.po")):
        language = path.parts[-3]
        entries = merge(code, read(path.read_text("utf-8")))
        path.write_text(write(entries, language), "utf-8")
        path.with_suffix(".mo").write_bytes(compile(entries, language))
        missing = [entry for entry in entries if not entry.complete]
        left += len(missing)
        print(f"{language}: {len(entries)} strings, {len(missing)} to translate")
        for entry in missing:
            print(f"  {entry.files[0]}: {_quoted(entry.one)}" + (f"  (was: {entry.said[0]})" if entry.fuzzy else ""))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
