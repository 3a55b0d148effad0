"""HTML of a mail as readable lines, each with what the writing client says about it.

An own tokenizer of linear time: nothing is fetched, nothing is run, nesting costs nothing. Links
whose text names another place show the real address (a customer's mail may be a trap).
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum
from html import unescape

from domain.text import clean

MAX_HTML = 1024 * 1024
MAX_LINES = 20_000
MAX_QUOTE = 8


class Mark(IntEnum):
    """What the client says of a line."""

    PLAIN = 0
    QUOTE = 1
    """Inside a quotation."""
    CUT = 2
    """From here on it is the old mail (Outlook's separator and the like)."""
    SIGNATURE = 3
    """Inside a signature that the client marked."""
    BLOCK = 4
    """Inside a bare blockquote, which may be a quotation or the writer's own."""
    WRAP = 5
    """Inside what Gmail puts around a quotation, and around answers written between its parts; none is left when reading ends."""


@dataclass(slots=True)
class Lines:
    """Lines of text and their marks, side by side."""

    text: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


# Possessive: no input makes it look at a character twice.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+'|<(?![a-zA-Z/!]))*+)>")
_LOOSE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})([^<>]{0,4000}+)>")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]{1,30})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_SPACE = re.compile(r"[ \t\n\f\xa0\u2007\u202f]+")
_SKIPPED = {
    "script",
    "style",
    "head",
    "title",
    "template",
    "svg",
    "noscript",
    "object",
    "applet",
    "iframe",
    "select",
    "textarea",
    "xml",
}
_BLOCKS = {
    "div", "p", "table", "tr", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "center", "form", "section",
    "article", "header", "footer", "address", "blockquote", "pre", "hr", "body", "html", "tbody", "thead", "fieldset", "figure", "main", "nav", "aside",
}  # fmt: skip
_SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "blockquote", "dl"}
_VOID = {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "wbr", "param", "track"}
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|$|!)|mso-hide\s*:\s*all|max-height\s*:\s*0(?:px)?\s*(?:;|$)",
    re.I,
)

_QUOTE_CLASS = re.compile(
    r"gmail_quote(?!_attribution)|gmail_attr|gmail_extra_quote|yahoo_quoted|yahoo-quoted|protonmail_quote|moz-cite-prefix|moz-forward-container|"
    r"zmail_extra|tutanota_quote|WM_(?:QUOTE|quote)|ecxgmail_quote|airmail_quote|mail-quote-collapse|freebirdFormQuote|hmquote|"
    r"front-blockquote|crisp-quote|spark_quote|edo_quote|zm_quote|mailbird-quote|BLOCK_QUOTE"
)
_WRAP_CLASS = re.compile(r"(?:^|\s)gmail_quote(?:\s|$)")
_CUT_ID = re.compile(
    r"divRplyFwdMsg|OLK_SRC_BODY_SECTION|stopSpelling|zwchr|mail-editor-reference-message-container|ms-outlook-mobile-reference-message|reply_fwd|appendonsend_quote|replySplit|isForwardContent_never|orm_quote|quoted-message|oriMsgHtmlSeperator|MailContainerQuote|lineBreakAtBeginningOfMessage_quote",
    re.I,
)
_SIGNATURE_CLASS = re.compile(
    r"gmail_signature|moz-signature|moz-txt-sig|ms-outlook-mobile-signature|zohomail_signature|protonmail_signature_block|yahoo-signature|SkyDrivePlaceholder_sig|mobile_signature|tutanota_signature",
    re.I,
)
_OUTLOOK_RULE = re.compile(
    r"border:\s*none;\s*border-top:\s*solid\s+#?(?:E1E1E1|B5C4DF|BLACK)\s+1\.0pt;\s*padding:\s*3\.0pt", re.I
)
_FORWARD = re.compile(
    r"(?:forwarded|encaminhad|reenviad|transf[ée]r|weitergeleitet|inoltrat|doorgestuurd|przekazan|vidaresänd|videresend|пересыл)",
    re.I,
)


class _Reader:
    def __init__(self) -> None:
        self.lines = Lines()
        self.row: list[str] = []
        self.blank_wanted = False
        self.stack: list[tuple[str, Mark | None, bool, bool]] = []
        """Open tags that matter: name, mark, whether hidden, whether a blockquote."""
        self.depth = 0
        self.hidden = 0
        self.pre = 0
        self.link: tuple[str, int] | None = None
        self.cut = False
        self.marks: list[Mark] = []
        self.bullets: list[int] = []

    def mark(self) -> Mark:
        if self.cut:
            return Mark.CUT
        return self.marks[-1] if self.marks else Mark.PLAIN

    def end_line(self, forced: bool = False) -> None:
        text = "".join(self.row)
        self.row = []
        text = text.rstrip() if self.pre else _SPACE.sub(" ", text).strip()
        if not text and not forced:
            return
        if len(self.lines.text) >= MAX_LINES:
            return
        if text and self.blank_wanted and self.lines.text and self.lines.text[-1].strip("> "):
            self._put("", self.lines.text[-1].startswith(">"))
        if text:
            self.blank_wanted = False
        self._put(text)

    def _put(self, text: str, quoted: bool = True) -> None:
        quotes = min(self.depth, MAX_QUOTE) if quoted else 0
        self.lines.text.append(("> " * quotes + text).rstrip() if quotes else text)
        self.lines.marks.append(self.mark())

    def data(self, text: str) -> None:
        if self.hidden or not text:
            return
        if "&" in text:
            text = clean(unescape(text))
        if self.pre:
            first, *others = text.split("\n")
            self.row.append(first)
            for other in others:
                self.end_line(forced=True)
                self.row.append(other)
        else:
            self.row.append(text)

    def open(self, name: str, attributes: str) -> None:
        if self.hidden and name not in _VOID:
            if name == self.stack[-1][0]:
                self.stack.append((name, None, True, False))
                self.hidden += 1
            return
        if self.hidden:
            return
        if name == "br":
            self.end_line(forced=True)
            return
        said = _attributes(attributes) if attributes.strip() else {}
        self._notice(name, said)
        if name == "img":
            if (alt := said.get("alt", "").strip()) and len(alt) < 200:
                self.row.append(f"[{clean(alt)}]")
            return
        if name in ("td", "th"):
            self.row.append(" ")
        if name in _BLOCKS:
            self._block(name)
        if name == "hr":
            self.row.append("-" * 30)
            self.end_line()
            return
        if name in _VOID:
            return
        style = said.get("style", "")
        hidden = name in _SKIPPED or "hidden" in said or bool(style and _HIDDEN.search(style))
        mark = self._mark_of(name, said)
        quote = name == "blockquote" and mark is not None
        if name == "a":
            self.link = (said.get("href", "").strip(), len(self.row))
        if name == "li":
            self.row.append("- ")
        self.pre += name == "pre"
        if hidden or mark is not None or quote:
            if len(self.stack) < 5000:
                self.stack.append((name, mark, hidden, quote))
                if mark is not None:
                    self.marks.append(mark)
                self.depth += quote
                self.hidden += hidden
        elif mark_needed(name) and any(entry[0] == name for entry in self.stack[-50:]) and len(self.stack) < 5000:
            # The same tag inside a marked one: its end must not end the marked one.
            self.stack.append((name, None, False, False))

    def close(self, name: str) -> None:
        if name in _VOID:
            if name == "br":
                self.end_line(forced=True)
            return
        if self.hidden and name != self.stack[-1][0]:
            return
        if name == "a" and self.link is not None:
            self._show_link()
        if name in _BLOCKS and not self.hidden:
            self._block(name)
        for at in range(len(self.stack) - 1, max(-1, len(self.stack) - 200), -1):
            if self.stack[at][0] == name:
                for _, mark, hidden, quote in self.stack[at:]:
                    if mark is not None and self.marks:
                        self.marks.pop()
                    self.hidden -= hidden
                    self.depth -= quote
                    self.hidden, self.depth = max(0, self.hidden), max(0, self.depth)
                del self.stack[at:]
                break
        if name == "pre" and self.pre:
            self.pre -= 1

    def _block(self, name: str) -> None:
        self.end_line()
        if name in _SPACED:
            self.blank_wanted = True

    def _notice(self, name: str, said: dict[str, str]) -> None:
        """Marks from which the rest of the mail is old."""
        if self.cut:
            return
        wanted = said.get("id", "")
        if (wanted and _CUT_ID.search(wanted)) or (name == "div" and _OUTLOOK_RULE.search(said.get("style", ""))):
            self.end_line()
            self.cut = True

    def _mark_of(self, name: str, said: dict[str, str]) -> Mark | None:
        classes = said.get("class", "") + " " + said.get("id", "")
        if name == "blockquote":
            if said.get("type", "").lower() == "cite" or "cite" in said:
                return Mark.QUOTE
            if "gmail_quote" in classes:
                return Mark.QUOTE if self.marks else None  # Gmail's quote button marks the writer's own
            return Mark.QUOTE if _QUOTE_CLASS.search(classes) else Mark.BLOCK
        if classes.strip():
            if _QUOTE_CLASS.search(classes):
                self.end_line()
                if not self.marks and _WRAP_CLASS.search(classes):
                    return Mark.WRAP
                return self.marks[-1] if self.marks and self.marks[-1] == Mark.WRAP else Mark.QUOTE
            if _SIGNATURE_CLASS.search(classes):
                self.end_line()
                return Mark.SIGNATURE
        return None

    def _show_link(self) -> None:
        href, at = self.link or ("", 0)
        self.link = None
        if not href or len(href) > 2000:
            return
        text = "".join(self.row[at:]).strip()
        href = clean(unescape(href))
        bare = href[7:].split("?")[0] if href.lower().startswith("mailto:") else href
        if not re.match(r"(?:https?|ftp|mailto|tel):", href, re.I) or not text or _same(text, bare):
            return
        # A mere word that is linked stays a word unless it names a place of its own.
        if re.search(r"\w\.\w|@|://", text):
            self.row.append(f" <{bare}>")


def mark_needed(name: str) -> bool:
    """Whether nested tags of this name must be counted."""
    return name in ("div", "span", "p", "table", "tr", "ul", "ol", "section", "font", "b", "center")


def _same(text: str, href: str) -> bool:
    def bare(address: str) -> str:
        return re.sub(r"^(?:https?://)?(?:www\.)?|/+$", "", address.strip().lower())

    return bare(text) == bare(href)


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for n, match in enumerate(_ATTRIBUTE.finditer(text[:20_000])):
        if n > 60:
            break
        found.setdefault(match[1].lower(), next((g for g in match.groups()[1:] if g is not None), ""))
    if re.search(r"(?:^|\s)hidden(?:\s|$)", text[:2000]):
        found["hidden"] = ""
    return found


def read(source: str) -> Lines:
    """The lines that a reader of this HTML would see, with the client's marks."""
    source = clean(source[:MAX_HTML])
    reader = _Reader()
    pos, size, misses = 0, len(source), 0
    lowered = ""
    comments_end = source.rfind("-->")
    while pos < size:
        at = source.find("<", pos)
        if at < 0:
            reader.data(source[pos:])
            break
        if at > pos:
            reader.data(source[pos:at])
        following = source[at + 1 : at + 2]
        if following in "!?" and following:
            end = source.find("-->", at + 4) if source.startswith("<!--", at) and at < comments_end else -1
            pos = end + 3 if end >= 0 else _after_gt(source, at)
            continue
        match = (_TAG if misses < 100 else _LOOSE).match(source, at)
        if match is None and misses < 100:
            misses += 1
            match = _LOOSE.match(source, at)
        if match is None:
            # No tag: a stray sign is text, a tag that never ends swallows nothing but itself.
            reader.data("<")
            pos = at + 1
            continue
        pos = match.end()
        name = match[2].lower()
        if match[1]:
            reader.close(name)
        else:
            reader.open(name, match[3])
            if name in ("script", "style", "title", "textarea", "xmp") and not match[3].endswith("/"):
                lowered = lowered or source.lower()
                end = lowered.find(f"</{name}", pos) if misses < 100 else -1
                if end < 0:
                    misses += 1
                    reader.close(name)
                else:
                    pos = end
            elif match[3].endswith("/") and name not in _VOID and ":" in name:
                reader.close(name)
    reader.end_line()
    _resolve_wraps(reader.lines)
    return reader.lines


def _resolve_wraps(lines: Lines) -> None:
    """What Gmail wraps is old as far as the first quoted line; below it, it is an answer."""
    quoted = False
    for at, mark in enumerate(lines.marks):
        if mark == Mark.WRAP:
            lines.marks[at] = Mark.PLAIN if quoted else Mark.QUOTE
        elif mark == Mark.QUOTE and lines.text[at].startswith(">"):
            quoted = True
        elif mark != Mark.QUOTE and lines.text[at]:
            quoted = False


def _after_gt(source: str, at: int) -> int:
    end = source.find(">", at)
    return end + 1 if end >= 0 else len(source)
