"""The new text of a reply: what the sender wrote now, apart from quotes and signatures (M10).

Nothing is dropped: what is not new text is returned as folded pieces, in order. Where the signs are
doubtful more is shown, never less. Every test looks at short lines only, so that a hostile body
costs no more than a long one.
"""

import re

from domain.text import line as one_line
from mail import quotes
from mail.html import Lines, Mark

MAX_LINE = 500
MAX_LINES = 20_000
MAX_ENDS = 600
"""Rows that end as an announcement does and are looked at closely."""
MAX_TESTED = 3000
"""Lines that are looked at for announcements; a mail that has none until there has none."""

_VERB = "(?:" + "|".join(quotes.VERBS) + ")"
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
_HARD_SPACE = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_QUOTED = re.compile(r"\s{0,12}>")
_BARRED = re.compile(r"\s{0,4}\|(?:\s|$)")
_MAIL = re.compile(r"[^\s<>@\"',;:]{1,80}@[^\s<>@\"',;:]{1,120}")
_TIME = re.compile(r"\b\d{1,2}\s?[:.h]\s?\d{2}\b|\b\d{1,2}\s?(?:am|pm|uhr|h)\b|\d時|\d点|\d시", re.I)
_DATE = re.compile(
    r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\b\d{1,2}-\w{3,9}-\d{2,4}\b|\b(?:19|20)\d\d\b|\d年|\d{4}년|\b\d{1,2}\.? ?(?:de )?[^\W\d]{3,10}\.?,? |\b[^\W\d]{3,10}\.? \d{1,2},",
    re.I,
)
_LEAD = re.compile(r"(?:" + quotes.LEADS + r")\b[\s:]|[在於于]\s?\d|في |בתאריך ", re.I)
_WEEKDAY = re.compile(r"(?:" + quotes.WEEKDAYS + r")[^\W\d]{0,10}[.,]{0,2} ", re.I)
# Programs tell the year and a name; "No dia 3 às 10:11 a Ana escreveu:" and "schrieb ich Ihnen:" are a person's own words.
_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[-/.] ?\d{1,2}[-/.] ?\d{2}\b|\d年|\d년")
_ONESELF = re.compile(r"\b(?:I|ich|ik|jeg|jag|eu|yo|io|je|nós|we|wir)\b")
# An address as programs give it: in brackets, or right before or behind the verb.
_WRITER = re.compile(
    r"[<\[(]\s?(?:mailto:)?[^\s<>@]{1,80}@|@[^\s<>]{1,120}[>\])\"]{0,2}\s{0,2}"
    + _VERB
    + "|"
    + _VERB
    + r"\s{0,2}[^\s<>@]{1,80}@",
    re.I,
)
# A lead that a date, a weekday or an address follows at once; "A encomenda 77 chegou" is a sentence.
_OPENS = re.compile(
    r"(?:" + quotes.LEADS + r")[\s:]{1,3}(?:(?:dia|giorno|tanggal|data|ziua|message dated|message de|V|יום)\s){0,2}"
    r"(?:\d|(?:"
    + quotes.WEEKDAYS
    + r")[^\W\d]{0,10}[.,)]{0,2}(?:\s{1,3}(?:[^\W\d]{1,10}[.,]{0,2}\s{1,3})?\d|\s*$)|[^\W\d][\w-]{0,15}[.,]{1,2}\s{1,3}\d|Th \d|[^\W\d]{3,9}\.? \d)|(?:Citando|Quoting|Zitat von|Le message de|In article)\s[^@\n]{0,80}@"
    r"|[在於于]\s?\d|في |בתאריך ",
    re.I,
)
_STARTS_DATED = re.compile(
    r"\d{1,4}[-/.年년]\s?\d{1,2}[-/.月월]\s?\d{1,4}|\d{1,2}\.? (?:de )?[^\W\d]{3,12}\.? (?:de )?\d{2,4}|\d{1,2}:\d{2}(?:\s?[ap]m)?,? ",
    re.I,
)
_ENDS_VERB = re.compile(_VERB + r"\s*[:：]?\s*$", re.I)
_HAS_VERB = re.compile(
    r"(?:(?<![^\W\d_])|(?<=\d))" + _VERB + r"(?![^\W\d_])|写道|寫道|写到|書きました|のメッセージ|のメール|작성", re.I
)
_ENDS = re.compile(r"(?:[:：]|" + _VERB + r")[\s*_-]*$", re.I)
_ANGLED_END = re.compile(r"[<\[(]\s?(?:mailto:)?[^\s<>]{1,80}@[^\s<>]{1,120}?[>\])]+\s*[:：]?\s*$")
_SHARED = re.compile(
    r"^(.{1,300}?)[\s>-]{1,10}(On (?:"
    + quotes.WEEKDAYS
    + r")\w{0,6}, .{5,200} wrote:|Em (?:\w{3,7}\.?,? )?\d{1,2}[ /].{5,200} escreveu:)\s*$",
    re.I,
)

# Yahoo on Android runs the old mail on from its announcement.
_RUN_ON = re.compile(
    r"\s{0,10}((?:On|Em|El|Le|Il|Am) [^@]{5,150}@[^@]{3,150}?(?:wrote|escreveu|escribió|a écrit|ha scritto|schrieb) ?:)\s{2,10}(\S.*)$",
    re.I,
)

_DASHES = r"[-_=*~–—]"
# Possessive and short, for a star is in all of these classes: a row of nothing else must not be tried in every way.
_LED = r"[\s>]{0,20}+\*?\s?"
_ORIGINAL = re.compile(
    rf"{_LED}{_DASHES}{{2,}}+[\s*]{{0,6}}(?:{quotes.ORIGINAL})[\s:*]{{0,6}}{_DASHES}{{2,}}\s*(?:$|(?:De|From|Von|Da|Van)\s?:)",
    re.I,
)
_ORIGINAL_LOOSE = re.compile(
    rf"{_LED}(?:{_DASHES}{{4,}}+[\s*]{{0,6}}(?:{quotes.ORIGINAL})|(?:{quotes.ORIGINAL})[\s:*]{{0,6}}{_DASHES}{{4,}})\s*$",
    re.I,
)
_PROCESSED = re.compile(r"Original Message processed by .{1,40}$", re.I)
_ABOVE = re.compile(rf"[\s>#*=–—-]*(?:{quotes.REPLY_ABOVE})[\s.!#*=–—-]*$", re.I)
_FORWARDED = re.compile(
    rf"{_LED}(?:{_DASHES}{{3,}}+[\s*]{{0,6}}(?:{quotes.FORWARD})[\s:*]{{0,6}}{_DASHES}{{0,}}|(?:{quotes.FORWARD})\s*:)\s*$",
    re.I,
)
_FIELD = re.compile(
    r"[\s>*_]{0,20}(?:"
    + "|".join(f"(?P<{k}>{v})" for k, v in quotes.FIELDS.items())
    + r")\s?[*_]{0,2}\s?[:：][*_]{0,2}(?:\s|\S)",
    re.I,
)
_FIELD_BARE = re.compile(
    r"[\s>*_]{0,20}(?:" + "|".join(quotes.FIELDS.values()) + r")\s?[*_]{0,2}\s?[:：][\s*_]*$", re.I
)

_SIGNATURE = re.compile(r"(?:--|__|—|–|—{2,}|–{2,}) ?\s*$|-- $")
_LIST_FOOTER = re.compile(r"_{5,}\s*$")
_RULE = re.compile(r"\s*(?:[-_=*#~+–—•·. ]{2,}|[ᐧ\u1427])\s*$")
_MARKDOWN = re.compile(r"\[([^\[\]]{1,60})\]\([^()\s]{1,200}\)")
_SENT_FROM = re.compile(r"\s*[-*_(]?\s*(?:" + "|".join(quotes.SENT_FROM) + r")[)*_]?\s*$", re.I)


def split(lines: Lines, forwarded: bool = False) -> tuple[str, tuple[str, ...]]:
    """New text and folded pieces; `lines` may carry what an HTML client says of them.

    `forwarded`: the subject says that this is a forward, so an old mail below a head is what it is about, and stays.
    """
    rows, marks = _part_shared(lines)
    seen = [_seen(r) for r in rows]
    keep = _Sorter(rows, seen, marks, forwarded).run()
    return _collect(rows, keep)


def _seen(row: str) -> str:
    """A row as it is looked at: its beginning, without what no eye sees."""
    row = row[:MAX_LINE]
    return (row if row.isascii() else _HARD_SPACE.sub(" ", _INVISIBLE.sub("", row))).rstrip()


def _part_shared(lines: Lines) -> tuple[list[str], list[Mark]]:
    """Rows on which an answer and the announcement of a quotation stand together are made two."""
    rows, marks = list(lines.text), list(lines.marks)
    for i in range(min(len(rows), MAX_TESTED) - 1, -1, -1):
        if "@" in rows[i][:MAX_LINE] and (found := _RUN_ON.match(rows[i][:MAX_LINE])):
            rows[i : i + 1] = [found[1], found[2] + rows[i][MAX_LINE:]]
            marks[i : i + 1] = [marks[i], marks[i]]
    for i in range(min(len(rows), MAX_TESTED) - 2, -1, -1):
        if (
            rows[i + 1][:1] == ">"
            and rows[i].rstrip().endswith(("wrote:", "escreveu:"))
            and (found := _SHARED.match(_HARD_SPACE.sub(" ", rows[i][:MAX_LINE])))
            and rows[i][:1] != ">"
        ):
            answer = found[1].rstrip(" -")
            if re.search(r"\w", answer) and not _LEAD.match(answer) and answer[-1] != ",":
                rows[i : i + 1] = [answer, found[2]]
                marks[i : i + 1] = [marks[i], marks[i]]
    return rows, marks


KEEP, FOLD = True, False


class _Sorter:
    """Says of each row whether it is new."""

    def __init__(self, rows: list[str], seen: list[str], marks: list[Mark], forwarded: bool = False) -> None:
        self.forwarded = forwarded
        self.rows, self.seen, self.marks = rows, seen, marks
        self.keep = [KEEP] * len(rows)
        self.blank = [not s.strip() for s in seen]
        self.quoted = [_is_quoted(s, m) for s, m in zip(seen, marks, strict=True)]
        self.following: list[int | None] = [None] * (len(rows) + 1)
        """For each row the first one at or below it that is not blank."""
        for i in range(len(rows) - 1, -1, -1):
            self.following[i] = self.following[i + 1] if self.blank[i] else i
        self.new_above = False

    def run(self) -> list[bool]:
        self._drop_old()
        self._weigh_quotes()
        self._drop_signatures()
        return self.keep

    # What was written before ----------------------------------------------------------------------

    def _drop_old(self) -> None:
        size = min(len(self.seen), MAX_TESTED)
        ends = [i for i in range(size) if not self.blank[i] and _ENDS.search(self.seen[i][-120:])][:MAX_ENDS]
        announced = self._announcements(ends)
        i = 0
        while i < size:
            mark = self.marks[i]
            if mark == Mark.CUT:
                return self._cut_head(i)
            if self.blank[i]:
                i += 1
                continue
            row = self.seen[i]
            if len(row) < 200 and row[:1] and _FORWARDED.match(row) and not self._inside_old(i):
                self._keep_forward(i)
                return None
            if i in announced:
                following = announced[i]
                after = self._next(following)
                if after is None or self.quoted[after] or self._is_barred(after):
                    self._fold(i, following)
                    i = following
                    if after is not None and not self.quoted[after]:
                        return self._cut(i)
                    continue
                if self.new_above:
                    return self._cut(i)
                # Nothing above: the answer stands below its announcement, or there is nothing but the old mail.
                self._fold(i, following)
                i = following
                continue
            if not self.quoted[i]:
                if any(p.match(row) for p in (_ORIGINAL, _ABOVE, _ORIGINAL_LOOSE, _PROCESSED)):
                    if self.new_above:
                        return self._cut_head(i)
                    i += 1
                    continue
                if self._header_block(i):
                    if self.new_above:
                        return self._cut_head(i)
                    # Nothing above: a forward without a comment. Its head is not yet an answer.
                    while i < size and (self.blank[i] or _FIELD.match(self.seen[i] + " ")):
                        i += 1
                    continue
            self.new_above = self.new_above or self._is_new(i)
            i += 1
        return None

    def _inside_old(self, i: int) -> bool:
        """Whether row `i` is in a quotation that this mail answers, rather than in one it forwards."""
        j = i - 1
        while j >= 0 and (self.blank[j] or (self.quoted[j] and self.quoted[i])):
            if not self.blank[j] and not _RULE.match(self.seen[j].lstrip("> ")):
                return True
            j -= 1
        return j >= 0 and not self.keep[j] and self.quoted[i]

    def _keep_forward(self, i: int) -> None:
        for j in range(i, len(self.quoted)):
            self.quoted[j] = False
            self.marks[j] = Mark.PLAIN
        self.forward_from = i

    forward_from = -1

    def _announcements(self, ends: list[int]) -> dict[int, int]:
        """{first row: row after the last} of every "On ... wrote:" and its like."""
        found: dict[int, int] = {}
        covered = 0
        for end in ends:
            if self.quoted[end] and self.marks[end] in (Mark.PLAIN,):
                continue
            best = None
            whole = False
            for start in range(end, max(-1, end - 4), -1):
                if self.blank[start] or (start < end and (whole or self._breaks(start))):
                    break
                joined = one_line(" ".join(s.strip() for s in self.seen[start : end + 1]))
                joined = joined.strip("-*_ >")
                if len(joined) > MAX_LINE:
                    break
                verdict = self._announces(joined, end, self.seen[start].lstrip("> ")[:2] == "--")
                if verdict == 2 and (start == end or _opens(self.seen[start])):
                    best = start
                    break
                if verdict and (best is None or (start == best - 1 and _unfinished(self.seen[start]))):
                    best = start
                    # Who and when are told: what stands above is the answer.
                    whole = bool(_MAIL.search(joined) and (_DATE.search(joined) or _TIME.search(joined)))
            if best is not None and best >= covered:
                found[best] = covered = end + 1
        # A date and an address alone, when the quotation follows at once ("2026/7/20 Ana <a@b>").
        for i in range(min(len(self.seen), 400)):
            row = self.seen[i].strip()
            if (
                i not in found
                and "@" in row
                and len(row) < 250
                and _STARTS_DATED.match(row)
                and _ANGLED_END.search(row)
            ):
                after = self._next(i + 1)
                if after is not None and (self.quoted[after] or self._is_barred(after)):
                    found[i] = i + 1
        return found

    def _breaks(self, start: int) -> bool:
        """Whether a row cannot be the first of a wrapped announcement."""
        return self.quoted[start] and self.marks[start] == Mark.PLAIN

    def _announces(self, text: str, end: int, dashed: bool) -> int:
        """2: an announcement that begins as one; 1: one whose beginning is not sure; 0: none."""
        after = self._next(end + 1)
        if len(text) < 6:
            return 0
        colon = text[-1] in ":：" or bool(re.search(r"[:：]\W{0,4}$", text))
        mail = bool(_MAIL.search(text))
        dated = bool(_DATE.search(text)) or bool(_TIME.search(text))
        verb = bool(_HAS_VERB.search(text))
        starts = bool(_OPENS.match(text) or _STARTS_DATED.match(text) or (_WEEKDAY.match(text) and dated))
        quote_follows = after is not None and (self.quoted[after] or self._is_barred(after))
        if verb and dated and starts:
            if not colon and not (_ENDS_VERB.search(text) and (mail or quote_follows or _TIME.search(text))):
                return 0
            if mail or quote_follows or (_TIME.search(text) and _YEAR.search(text) and not _ONESELF.search(text)):
                return 2
            return 0
        if verb and mail and (colon or (dated and _ENDS_VERB.search(text))):
            if starts:
                return 2
            return 1 if quote_follows or _WRITER.search(text) else 0
        if mail and starts and dated and colon and _ANGLED_END.search(text):
            return 2
        if mail and starts and colon and re.match(r"(?:Citando|Quoting|Zitat von)\b", text):
            return 2
        if verb and colon and quote_follows and after == end + 1 and len(text) < 120 and _ENDS_VERB.search(text):
            return 1
        if verb and quote_follows and dashed and _ENDS_VERB.search(text):
            return 1
        if verb and dated and colon and quote_follows and _TIME.search(text):
            return 1
        return 0

    def _header_block(self, i: int) -> bool:
        """Whether a block of header fields of an older mail begins at row `i`."""
        first = _FIELD.match(self.seen[i]) or _FIELD_BARE.match(self.seen[i])
        if first is None or len(self.seen[i]) > 300:
            return False
        kinds: set[str] = set()
        others = 0
        mail = timed = gap = False
        for j in range(i, min(i + 12, len(self.seen))):
            row = self.seen[j]
            if self.blank[j]:
                if j + 1 < len(self.seen) and j > i and len(kinds) < 3 and _FIELD.match(self.seen[j + 1]):
                    gap = True
                    continue
                break
            match = _FIELD.match(row + " ")
            if match:
                if gap and match.lastgroup == first.lastgroup:
                    return False  # a sentence like "Data: hoje" above a whole head
                kinds.add(match.lastgroup or "")
                timed = timed or (match.lastgroup == "sent" and bool(_TIME.search(row[match.end() :])))
                mail = mail or "@" in row
                others = 0
            else:
                others += 1
                mail = mail or "@" in row
                if others > 2:
                    break
        core = kinds & {"from", "sent", "to", "subject"}
        # A route ("De: Natal, Para: Recife, Data: ...") is no head of a mail.
        return (len(core) >= 3 and (mail or timed or core >= {"sent", "subject"})) or (
            "from" in core and len(core) >= 2 and mail
        )

    def _cut(self, i: int) -> None:
        self._fold(i, len(self.rows))

    def _cut_head(self, i: int) -> None:
        """The old mail begins at row `i` with its head: it is folded, unless it is what was forwarded."""
        self._keep_forward(i) if self.forwarded else self._cut(i)

    def _fold(self, start: int, end: int) -> None:
        for j in range(start, end):
            self.keep[j] = FOLD

    def _next(self, i: int) -> int | None:
        return self.following[min(i, len(self.rows))]

    def _is_barred(self, i: int) -> bool:
        return bool(_BARRED.match(self.seen[i]))

    def _is_new(self, i: int) -> bool:
        """Whether row `i` was kept and is more than a rule or a quotation."""
        return self.keep[i] and not self.blank[i] and not self.quoted[i] and not _RULE.match(self.seen[i])

    # Quotations -----------------------------------------------------------------------------------

    def _weigh_quotes(self) -> None:
        """Fold quotations; those between whose lines the sender answers stay in place."""
        runs = self._runs()
        if not runs:
            return
        new = [j for j in range(len(self.rows)) if self._is_new(j)]
        if not new:
            if all(self.keep) and Mark.QUOTE not in self.marks:
                return  # nothing but a quotation, and no announcement: shown, for there is nothing else
            for start, end in runs:
                self._fold(start, end)
            return
        stops = [start for start, _ in runs[1:]] + [len(self.rows)]
        answered = [self._answer_length(end, stop) for (_, end), stop in zip(runs, stops, strict=True)]
        first_new = new[0]
        interleaved = sum(1 for n in answered if n) >= 2
        marked_elsewhere = Mark.QUOTE in self.marks or Mark.CUT in self.marks
        for (start, end), length in zip(runs, answered, strict=True):
            by_client = any(self.marks[j] == Mark.QUOTE for j in range(start, end) if self.quoted[j])
            above = first_new < start
            # A bare blockquote without an announcement may be what the writer cites, when a program marked another as the old mail.
            if marked_elsewhere and not by_client and above and length and not self._announced_before(start):
                continue
            by_client = by_client or any(self.marks[j] == Mark.BLOCK for j in range(start, end) if self.quoted[j])
            if (
                not by_client
                and length
                and (interleaved or (above and (length >= 3 or not self._announced_before(start))))
            ):
                continue
            if by_client and interleaved and length:
                continue
            self._fold(start, end)

    def _announced_before(self, start: int) -> bool:
        j = start - 1
        while j >= 0 and self.blank[j]:
            j -= 1
        return j >= 0 and not self.keep[j]

    def _runs(self) -> list[tuple[int, int]]:
        """Stretches of quoted rows, blanks between them included; a stray row between two quotes that breaks a wrapped link is quoted too."""
        runs: list[tuple[int, int]] = []
        i, size = 0, len(self.rows)
        while i < size:
            if not (self.quoted[i] and self.keep[i]):
                i += 1
                continue
            start = end = i
            while i < size and (self.blank[i] or (self.quoted[i] and self.keep[i]) or self._stray(i)):
                if not self.blank[i]:
                    end = i
                i += 1
            runs.append((start, end + 1))
        return runs

    def _stray(self, i: int) -> bool:
        near = i + 1 < len(self.rows) and self.quoted[i + 1] and i > 0 and self.quoted[i - 1]
        if near and len(self.seen[i - 1]) > 55 and self.seen[i].lstrip()[:1].islower():
            return True  # the rest of a quoted row that a mail program broke
        return near and bool(re.match(r"\s*\(?<?https?://\S+\s?>?\)?\s*>?\s*$", self.seen[i]))

    def _answer_length(self, end: int, stop: int) -> int:
        """Rows of an answer between the end of a quotation and the next one."""
        count = 0
        for j in range(end, stop):
            if _is_signature_mark(self.rows[j], self.seen[j]) or _LIST_FOOTER.match(self.seen[j]):
                break
            if (
                self.keep[j]
                and not self.blank[j]
                and not _RULE.match(self.seen[j])
                and self.marks[j] != Mark.SIGNATURE
                and not _sent_from(self.seen[j])
            ):
                count += 1
        return count

    # Signatures -----------------------------------------------------------------------------------

    def _drop_signatures(self) -> None:
        size = len(self.rows) if self.forward_from < 0 else self.forward_from
        for j in range(size):
            if self.marks[j] == Mark.SIGNATURE and self.keep[j]:
                self.keep[j] = FOLD
        live = [j for j in range(size) if self.keep[j] and not self.blank[j]]
        for at, j in enumerate(live):
            if at == 0:
                continue
            row = self.seen[j]
            rest = len(live) - at - 1
            marked = _is_signature_mark(self.rows[j], row) and (rest <= 20 or self.rows[j] == "-- ")
            footer = (
                _LIST_FOOTER.match(row)
                and rest <= 12
                and any("@" in self.seen[k] or "://" in self.seen[k] for k in live[at + 1 :])
            )
            if marked or footer:
                self._fold(j, size)
                break
        # Below: the lines that programs add, and rules.
        j = size - 1
        folded_from = size
        while j > 0:
            if self.keep[j] and not self.blank[j]:
                if _sent_from(self.seen[j]) or _RULE.match(self.seen[j]):
                    folded_from = j
                elif self._wrapped_sent_from(j):
                    folded_from = j - 1
                    j -= 1
                else:
                    break
            j -= 1
        if folded_from < size and any(self.keep[k] and not self.blank[k] for k in range(folded_from)):
            self._fold(folded_from, size)

    def _wrapped_sent_from(self, j: int) -> bool:
        return (
            j > 0
            and not self.blank[j - 1]
            and self.keep[j - 1]
            and len(self.seen[j]) < 60
            and len(self.seen[j - 1]) > 30
            and _sent_from(self.seen[j - 1] + " " + self.seen[j])
            and _sent_from(self.seen[j - 1])
        )


def _is_quoted(row: str, mark: Mark) -> bool:
    return mark in (Mark.QUOTE, Mark.BLOCK) or (row.lstrip()[:1] == ">" and bool(_QUOTED.match(row)))


def _opens(row: str) -> bool:
    """Whether a row begins as an announcement that goes on below."""
    text = row.strip(" -*_>")
    return bool(_OPENS.match(text) or _STARTS_DATED.match(text) or (_WEEKDAY.match(text) and _DATE.search(text)))


def _unfinished(row: str) -> bool:
    if row.count("<") > row.count(">") or "," in row[-3:]:
        return True
    return bool(_MAIL.search(row) and _TIME.search(row) and row.rstrip()[-1:] not in ".!?")


def _is_signature_mark(row: str, seen: str) -> bool:
    return row == "-- " or (len(seen) < 12 and bool(_SIGNATURE.match(seen)))


def _sent_from(row: str) -> bool:
    if len(row) > 240 or not row.strip():
        return False
    if "](" in row:
        row = _MARKDOWN.sub(r"\1", row)
    row = row.strip(" <>\t")
    return len(row) < 160 and bool(_SENT_FROM.match(row))


def _collect(rows: list[str], keep: list[bool]) -> tuple[str, tuple[str, ...]]:
    kept: list[str] = []
    pieces: list[str] = []
    piece: list[str] = []
    for row, new in zip(rows, keep, strict=True):
        if new:
            kept.append(row.rstrip())
            if row.strip() and piece:
                pieces.append("\n".join(piece).strip("\n"))
                piece = []
        else:
            piece.append(row)
    if piece:
        pieces.append("\n".join(piece).strip("\n"))
    return _squeeze(kept), tuple(p for p in pieces if p.strip())


def _squeeze(rows: list[str]) -> str:
    """Rows as a text without blank lines at its ends and with no more than two in a row."""
    text = re.sub(r"\n{4,}", "\n\n\n", "\n".join(rows))
    return text.strip("\n \t\ufeff\u200b")
