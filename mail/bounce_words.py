"""Failure notices that servers write in words: known by sender, subject and phrase together, never by words alone."""

import re

from domain.text import clean, line
from mail.addresses import Address
from mail.headers import Headers
from mail.mime import Part
from mail.report import ADDRESS, MAX_RECIPIENTS, MAX_TEXT, REPLY_CODE, RETURNED, STATUS, BouncedRecipient, Report


def by_header(headers: Headers, text: str) -> Report | None:
    """The report that X-Failed-Recipients is, or None."""
    if "x-failed-recipients" not in headers:
        return None
    people = list(dict.fromkeys(a for v in headers.all_raw("x-failed-recipients") for a in ADDRESS.findall(v)))
    if not people:
        return None
    others = [
        a for a in _named(text[:MAX_TEXT], headers, Address("", ""), sure=True) if a not in {p.lower() for p in people}
    ]
    people += others
    if _DELAYED.search(text[:MAX_TEXT]) and not _FAILED_FOR_GOOD.search(text[:MAX_TEXT]):
        return Report("delayed", "X-Failed-Recipients", tuple(_told(a, text, False) for a in people[:MAX_RECIPIENTS]))
    return Report("bounce", "X-Failed-Recipients", tuple(_told(a, text) for a in people[:MAX_RECIPIENTS]))


_MACHINE = re.compile(
    r"mailer-?daemon|post_?master|mail-?delivery|mdaemon|mail delivery|mail administrator|delivery (?:sub)?system|mail system|auto-?reply@|mailerdaemon|^bounces?[@+-]|double-bounce|undeliver|MAILSERV|mail-daemon|nobody@|listserv|System Administrator|non-delivery|mail-returned|mail_returned",
    re.I,
)
_SUBJECT = re.compile(
    r"undeliver|deliver(?:y|ed)?.{0,20}(?:fail|problem|error|unable|report|status|notif|incomplete)|fail(?:ed|ure).{0,15}(?:deliver|mail|notice|notification)|"
    r"returned mail|mail return|returned to sender|return(?:ed)? (?:message|email)|nondeliver|non-?deliver|could ?n.t be delivered|(?:un|not )deliverable|not (?:be )?delivered|mail (?:error|system error|failure)|"
    r"failure notice|bounce|message (?:could|you sent).{0,20}(?:not|fail)|warning: (?:could not|message).{0,20}|DELIVERY FAILURE|user unknown|unknown user|rejected|blocked|mailbox (?:full|unavailable)|"
    r"n[ãa]o (?:foi )?(?:entreg|p[ôo]de)|devolvid|falha n[ao] entrega|n[ãa]o entregue|unzustellbar|nicht zustell|non remis|échec de|echec|non recapitabile|mancata consegna|no se pudo entregar|no entregado|onbestelbaar|niet bezorgd|"
    r"недоставлен|не доставлен|配信不能|エラー|配信|届け|送信できません|退信|系统退信|delivery report|delivery notification|mail could not|cannot be delivered|can't deliver|undelivered|nicht zugestellt|mail not|mail rejected|Auto-?Reply.{0,20}fail|DSN|NDN|ntf.? non|Your message to|Considered UNSOLICITED|Message status|Message notification|message delivery|Delayed Mail|Delayed",
    re.I,
)
_WORDS = re.compile(
    r"could not be delivered|was not delivered|error (?:has occurred |occurred )?(?:while |in |during )?.{0,30}deliver|delivery (?:errors?|problems?)|no mailbox here|exceeds? (?:allowed|the|its|maximum)|mailbox (?:size|quota)|unknown host|no valid recipients|did not like|not yet been delivered|postponed|addresses? failed|failed recipients|did not reach|error during delivery|non remis|not (?:be )?deliver(?:ed|able)|undeliver|unable to (?:deliver|relay|send)|(?:un)?able to be delivered|delivery (?:to .{0,120}|of .{0,80})?(?:has )?failed|failed to deliver|"
    r"delivery .{0,40}failed|permanent(?:ly)? (?:fatal )?(?:error|fail)|permanent fatal errors|user unknown|unknown user|unknown (?:local|recipient|address)|no such (?:user|recipient|mailbox|address|person|account)|"
    r"mailbox (?:is )?(?:full|unavailable|not found|disabled)|does not exist|doesn't have (?:a|an) .{0,30}account|recipient (?:address )?rejected|address rejected|account (?:has been |is )?(?:disabled|unavailable|inactive)|"
    r"returned (?:to (?:you|sender)|message|mail|as undeliverable)|i'm afraid i wasn't able|message you sent|could not deliver|couldn't be delivered|couldn't deliver|can(?:no|')t (?:be )?deliver|(?:is )?over (?:its )?quota|quota exceeded|quota|"
    r"host (?:unknown|not found)|unrouteable|unroutable|relay(?:ing)? (?:access )?denied|following (?:address|recipient)|was not accepted|rejected|bounced|invalid (?:recipient|address|user|mailbox)|"
    r"not found|retry time(?:out)? |timed out|mailbox for|transcript of session|session transcript|out of storage|unknown or illegal|does not like recipient|"
    r"não (?:foi|pôde|pode) (?:possível |ser )?entreg|nao foi entreg|nicht zugestellt|konnte nicht|no se pudo|n'a pas pu|impossible de|не удалось доставить|не было доставлено|配信できません|送信できません|届きません|見つかりません|配達|お届け|投递失败|无法",
    re.I,
)
_DELAYED = re.compile(
    r"(?:message|mail|delivery).{0,60}(?:has been |was |is )?(?:delayed|deferred)|will (?:continue to )?(?:be )?(?:try|retr)|not yet been delivered|this is a warning message only|you do not need to resend|no action is required|still (?:being )?(?:tried|queued)|delivery attempts will continue|temporarily (?:unable|deferred)",
    re.I,
)
_FAILED_FOR_GOOD = re.compile(
    r"has failed|permanent|giving up|given up|i've given up|could not be delivered to|retry timeout exceeded|retry time not reached|unrouteable|undeliverable|no further attempts|failed permanently|will not be retried",
    re.I,
)


def from_machine(headers: Headers, sender: Address) -> bool:
    """Whether a mail server, not a person, seems to have sent this mail."""
    path = headers.raw("return-path").strip() if "return-path" in headers else None
    return bool(
        _MACHINE.search(sender.address)
        or _MACHINE.search(sender.name)
        or (path is not None and path in ("<>", "<MAILER-DAEMON>"))
    )


def by_text(headers: Headers, parts: list[Part], sender: Address, subject: str, text: str) -> Report | None:
    """The report that a server wrote in words for people, or None."""
    top = text[:6000]
    if _REPLY_SUBJECT.match(subject) and ("in-reply-to" in headers or "references" in headers):
        return None
    if _VACATION.search(subject) or not _says_failure(headers, parts, sender, subject, top):
        return None
    people = _named(text[:MAX_TEXT], headers, sender)
    if _DELAYED.search(subject + "\n" + top) and not _FAILED_FOR_GOOD.search(top) and not _CODE_FOR_GOOD.search(top):
        return Report("delayed", "words of a delay notice", tuple(_told(a, text, False) for a in people))
    return Report("bounce", "words of a failure notice", tuple(_told(a, text) for a in people))


def _says_failure(headers: Headers, parts: list[Part], sender: Address, subject: str, top: str) -> bool:
    """Whether this is a server's word on a failed delivery: never from words alone, for people write of failed deliveries too."""
    kind = parts[0].parameters.get("report-type", "") if parts else ""
    if parts and parts[0].type == "multipart/report" and kind in ("", "delivery-status"):
        return True
    subject_says, words = bool(_SUBJECT.search(subject)), bool(_WORDS.search(top))
    coded = bool(STATUS.search(top) or REPLY_CODE.search(top))
    returned = any(p.type in RETURNED for p in parts)
    if from_machine(headers, sender):
        daemon = bool(_DAEMON.search(sender.address) or _DAEMON.search(sender.name))
        if (subject_says and (words or daemon or coded)) or _SUBJECT_SURE.match(subject):
            return True
        return words and (
            coded or returned or bool(re.match("auto-(?:replied|generated)", headers.raw("auto-submitted"), re.I))
        )
    # A gateway under a name of its own: its subject must be a server's, the body must speak of an address, and look as no
    # letter does: a code, the returned mail, a header of it, or the address on a line of its own.
    spoken = _SPOKEN.search(top[:2500])
    if not (_SUBJECT_SURE.match(subject) and words and spoken and ADDRESS.search(top, spoken.start())) or _GREETS.match(
        top
    ):
        return False
    return returned or bool(STATUS.search(top) or _TALK.search(top) or _ALONE.search(top))


_TALK = re.compile(
    r"(?:^|[\s:#(])[45]\d\d[ -](?:[45]\.\d|<|[A-Za-z#])|rcpt to|^[ \t]*(?:message-id|received|final-recipient): ?\S",
    re.I | re.M,
)
_GREETS = re.compile(
    r"\s{0,20}(?:ol[áa]|oi|bom dia|boa (?:tarde|noite)|prezad|car[oa]s?\b|hi\b|hello|good (?:morning|afternoon)|hola|buen[oa]s|bonjour|guten tag|hallo|ciao|buongiorno|salve)\b",
    re.I,
)
_ALONE = re.compile(
    r"^[ \t>*|-]{0,12}(?:(?:recipient|destinat[aá]rio|address|to|user)\W{1,6})?<?[^\s<>@]{1,64}@[^\s<>@]{1,100}>?[ \t]*[:,;.]?(?:[ \t]*\(.{0,80}\))?[ \t]*\r?$",
    re.I | re.M,
)
_DAEMON = re.compile(r"mailer-?daemon|mail-?deliver|mail delivery (?:sub)?system|double-bounce", re.I)
_REPLY_SUBJECT = re.compile(r"\s*(?:re|aw|sv|res|enc|fwd?|wg|antw|odp)\s*:", re.I)
_VACATION = re.compile(
    r"out of (?:the )?office|vacation|automatic reply|auto(?:matic)?[ -]?(?:re(?:ply|sponse)|antwort)|resposta autom|fora do escrit|ausência|abwesen|holiday",
    re.I,
)
_SUBJECT_SURE = re.compile(
    r"\s*(?:\W{0,6})(?:returned mail|undeliver(?:able|ed)(?: (?:mail|message)|:)|mail (?:could not be|delivery) (?:delivered|fail|error)|(?:mail |message )?delivery (?:failure|warning|failed|status) ?(?:notif|report|\(|:|$)|"
    r"delivery failure|failure notice|mail system error|returned to sender|non-?delivery (?:report|notif|:)|message (?:delivery failure|could not be delivered)|"
    r".{0,80}\bnon remis\b|notification d'échec|(?:mail|message) (?:rejected|failed)|failed mail|unzustellbar:|falha na entrega|mensagem não entregue|e-?mail não entregue)",
    re.I,
)
_SPOKEN = re.compile(
    r"could not (?:be )?(?:deliver|send)|unable to deliver|(?:failed|following) (?:recipients?|address)|was not delivered|undeliverable|rcpt to|smtp error|returned mail|delivery (?:to|of|has) .{0,80}fail|pas pu [eê]tre d[eé]livr|não (?:pôde|foi) (?:ser )?(?:entregue|possível entregar)",
    re.I,
)
_CODE_FOR_GOOD = re.compile(r"(?<![\d.])5\.\d{1,3}\.\d{1,3}|(?<![\d.])5[05]\d[ -]")

# Where the report ends and the mail that it returns begins.
_END_OF_REPORT = re.compile(
    r"^[-= *_>|.:~]*(?:(?:this is|below is|here is|enclosed is|included is) a copy of|(?:your |the )?(?:original|returned|unsent|undelivered) (?:message|mail|headers?)\b|message headers?\b|(?:your|the) message (?:text|contents|body)|"
    r"headers? of (?:the|your)|copy of (?:the|your) (?:original )?message|below this line is a copy|body of (?:the )?message generated|a copy of the original message|the (?:first \d+ lines|text|header|following is).{0,40}(?:message|mail)|"
    r"message (?:text|header|body|contents) follows?|.{0,10}message headers? follow|.{0,30}(?:message|mail) (?:as )?follows|start of returned message|content-type: message/rfc822|mensagem original|the original message was|オリジナル).*$"
    r"|^[ \t]*(?:received|return-path|from|delivered-to|x-[a-z-]{1,40}|date|mime-version|message-id|to|subject|reply-to|dkim-signature|content-type): ?.*\n(?:[A-Za-z-]{1,40}:|[ \t]+\S)",
    re.I | re.M,
)
_LATE = re.compile(
    r"did not reach the following|was not delivered to\b|could not be delivered to\b|n[ãa]o (?:chegou|foi entregue) a",
    re.I,
)
_BEGIN = re.compile(
    r"did not reach the following recipient|(?:for |to )?(?:the|all|these|one or more of the)? ?following (?:e-?mail )?(?:recipient|address|list of recipients|user|destination)[^\n]{0,60}|failed (?:recipients?|addresses)|(?:address|recipient)(?:es|s)?(?:\(es\)|\(s\))? (?:had|failed|have|was|were)|"
    r"delivery problems|permanent error|(?:not|n't) (?:be )?delivered to|able to deliver|destinat[aá]rios? a seguir|seguintes? (?:destinat[aá]rio|endereço)|siguientes? (?:destinatario|direcci)|folgende[nr]? (?:empf|adress)",
    re.I,
)
_NAMING = re.compile(
    r"^[ \t>*|•·-]{0,12}(?:<([^<>\s@]++@[^<>\s]++)>|[\"']?([^\s<>\"'(),;:\[\]@]++@[^\s<>\"'(),;:\[\]]++)[\"']?)(?=[ \t]*(?:$|[:,;(\[-]|\.\.\.|\s\w))",
    re.M,
)
_IN_DIALOGUE = re.compile(r"(?:^|\s)(?:[45]\d\d[ -](?:[45]\.\d+\.\d+ )?|RCPT TO:\s?)<([^<>\s]+@[^<>\s]+)>", re.I)
_LABELLED = re.compile(
    r"(?:(?:intended |final |original |failed |bounced )?recipients?(?:'s)?(?: e-?mail)?(?: address)?|\bto|user|address|addressed to|mailbox|account|\bfor|\be-?mail|destinat[aá]rio|rcpt to|宛先|generated by)[ \t]*(?:is|was)?[ \t:=]{1,5}[ \t\"'\[(<]{0,3}"
    r"([^\s<>\"'()\[\],;:]+@[^\s<>\"'()\[\],;:]+)",
    re.I,
)


def _named(body: str, headers: Headers, sender: Address, sure: bool = False) -> list[str]:
    """Addresses that the failing server names, above the mail that it returns; only those on lines of their own if `sure`."""
    end = _END_OF_REPORT.search(body, 40)
    late = _LATE.search(body, end.start(), end.start() + 1000) if end else None
    if end and late:
        # "Your message, To: ..., Subject: ..., did not reach": the head of our mail comes first.
        after = _END_OF_REPORT.search(body, late.end() + 20)
        told = body[late.start() : after.start() if after else len(body)]
    else:
        told = body[: end.start()] if end and (end.start() > 60 or ADDRESS.search(body[: end.start()])) else body
    begin = _BEGIN.search(told)
    own = {a.lower() for v in headers.all_raw("to") + headers.all_raw("cc") for a in ADDRESS.findall(v)}

    def people(pattern: re.Pattern[str], text: str, mine: bool) -> list[str]:
        found = (next((g for g in m.groups() if g), "") if m.groups() else m[0] for m in pattern.finditer(text))
        tidy = (a.strip(".'<>").removeprefix("SMTP=").removeprefix("SMTP:").lower() for a in found)
        return list(
            dict.fromkeys(a for a in tidy if ADDRESS.fullmatch(a) and _plausible(a, sender) and (mine or a not in own))
        )

    regions = [told[begin.end() :], told] if begin else [told]
    for region in regions:
        if found := people(_NAMING, region, False):
            if not sure:
                found += [a for a in people(_IN_DIALOGUE, told, False) if a not in found]
            return found[:MAX_RECIPIENTS]
    if sure:
        return []
    if found := people(_IN_DIALOGUE, told, False):
        return found[:MAX_RECIPIENTS]
    for region in (*regions, body):
        for pattern in (_LABELLED, ADDRESS):
            if found := people(pattern, region, False):
                return found[:1]
    return (people(_NAMING, told, True) or people(_IN_DIALOGUE, told, True))[:1]


_HELPERS = ("abuse@", "support@", "helpdesk@", "noc@", "hostmaster@", "webmaster@", "postmaster@")


def _plausible(address: str, sender: Address) -> bool:
    return address != sender.address.lower() and not _MACHINE.search(address) and not address.startswith(_HELPERS)


_FULL = re.compile(
    r"(?:mailbox|inbox|account) (?:is )?full|over (?:its |the )?quota|quota exceeded|exceeds? .{0,20}quota|out of storage|caixa (?:postal |de (?:correio|entrada) )?(?:est[áa] )?(?:cheia|lotada)|excedeu .{0,20}(?:cota|limite)|"
    r"buz[óo]n (?:est[áa] )?lleno|postfach (?:ist )?voll|bo[îi]te .{0,20}pleine|casella .{0,20}piena",
    re.I,
)


def _told(address: str, text: str, failed: bool = True) -> BouncedRecipient:
    """What the text says of this address."""
    at = text.lower().find(address.lower())
    near = text[at : at + 1200] if at >= 0 else text[:3000]
    status = STATUS.search(near) or STATUS.search(text[:5000])
    reply = REPLY_CODE.search(near)
    code = status[1] if status else ""
    permanent = code[0] == "5" if code else reply[1][0] == "5" if reply else not _FULL.search(near)
    diagnostic = line(near[len(address) if at >= 0 else 0 :], 300).strip(" >:")
    return BouncedRecipient(clean(address), code, failed and permanent, diagnostic)
