"""Why something may not be done: a value that a face can show before the key is pressed."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from domain.text import _
from domain.words import named


@dataclass(frozen=True)
class Refusal:
    """An act that the rules do not allow, in a form that each reader's language can say."""

    code: str
    """One of the keys of `SENTENCES`."""
    parameters: tuple[tuple[str, Any], ...] = ()
    """What the sentence names."""

    def __str__(self) -> str:
        return SENTENCES[self.code]().format(**{k: _said(v) for k, v in self.parameters})


def refuse(code: str, **parameters: Any) -> Refusal:
    """A refusal of that code; lists are given as tuples so that the value stays hashable."""
    if code not in SENTENCES:
        raise KeyError(code)
    return Refusal(code, tuple(sorted(parameters.items())))


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_said, value))
    return named(value.value) if isinstance(value, StrEnum) else str(value)


# Functions, not strings: the language may be chosen after this module is imported.
SENTENCES: MappingProxyType[str, Callable[[], str]] = MappingProxyType(
    {
        "table of others": lambda: _("Rule sets of flows that you may not edit assign by this table."),
        "bad set-up": lambda: _("{why} Nothing was changed."),
        "in the file": lambda: _(
            "{key} names something of the machine that Retorno runs on: it is written into {path} by hand."
        ),
        "no ticket": lambda: _("There is no ticket #{number} that you can see."),
        "no message": lambda: _("There is no message {id} in the outbox that you can see."),
        "no phase": lambda: _("{phase} is not a phase of this flow; it has {phases}."),
        "no user": lambda: _("There is nobody called {login} here."),
        "no manager": lambda: _("Not assigned: the table names nobody for this answer."),
        "assigned twice": lambda: _("Say a person or a table that they are given by, not both."),
        "unsent draft": lambda: _("A draft of yours is on this ticket; send it or empty it first."),
        "same mail": lambda: _(
            "The same e-mail was written to this customer in the last {hours} hours, or still waits."
        ),
        "template elsewhere": lambda: _("The template {name} is of another flow, survey or class."),
        "no class mail": lambda: "{why}",
        "not a member": lambda: _("{login} is not a member of this flow, so the ticket would be out of their sight."),
        "analysts read": lambda: _("Analysts read tickets; they do not change them."),
        "needs level": lambda: _("This needs the level {level}."),
        "needs role": lambda: _("This needs the role {role} in the flow."),
        "not started": lambda: _("This needs a started ticket: s starts it."),
        "already started": lambda: _("This ticket is started already."),
        "already closed": lambda: _("This ticket is closed: m moves it back to a phase in progress."),
        "no e-mail": lambda: _("No e-mail address of {customer} is known, so the ticket cannot be started (I4)."),
        "bounced": lambda: _("{address} does not take mail any more; another address is needed."),
        "not the assignee": lambda: _("{login} has this ticket, and only the assignee writes: a assigns."),
        "nobody assigned": lambda: _("Nobody has this ticket, and only the assignee writes: a assigns."),
        "checklist": lambda: _("The checklist of {phase} is mandatory. Still missing: {missing}."),
        "not that way": lambda: _("From {phase} a ticket goes on to {allowed}, not to {target}."),
        "same phase": lambda: _("The ticket is in {phase} already."),
        "resolution": lambda: _("Closing asks for a resolution: say what was done."),
        "starting is an act": lambda: _("A ticket leaves {phase} by being started: s starts it."),
        "empty": lambda: _("There is nothing written yet."),
        "too long": lambda: _("That is too long; {limit} characters are the most. What you wrote is kept."),
        "no subject": lambda: _("The message has no subject."),
        "no such item": lambda: _("There is no such checklist item on this ticket."),
        "gone out": lambda: _("Too late: the message has left."),
        "not yours": lambda: _("That was not done by you."),
        "something new": lambda: _(
            "Something arrived that you have not seen; the draft is kept. Read it, then send again."
        ),
        "no such mailbox": lambda: _("No mailbox is called {name}; the configuration has {known}."),
        "no mailbox": lambda: _("No mailbox is set up, so nothing can be sent; see {where}."),
        "bad address": lambda: _("{address} is not an e-mail address."),
        "too many": lambda: _("{limit} addresses are the most."),
        "not retryable": lambda: _("That message is {state}; only one that failed, is held or in doubt is sent again."),
        "login taken": lambda: _("There is somebody called {login} already."),
        "name taken": lambda: _("There is a flow called {name} already."),
        "merged": lambda: _("This ticket was merged into #{number}."),
        "bad login": lambda: _(
            "“{login}” cannot be a login: one word of letters, digits and . _ - @ + is, up to 64 long."
        ),
        "kept word": lambda: _("“{login}” has a meaning in queries already, so nobody can be called so."),
        "no level": lambda: _("{login} has no level yet, and only people with one are added; the owner grants it."),
        "last owner": lambda: _("{login} is the last active owner; make somebody else owner first."),
        "deactivated": lambda: _("{login} is deactivated."),
        "own successor": lambda: _("{login} cannot take their own tickets over; name somebody else, or nobody."),
        "bad expression": lambda: _("{why} So “{word}” cannot be looked for."),
        "name used": lambda: _("There is one called {name} already."),
        "no name": lambda: _("It needs a name."),
        "not here": lambda: _("That is not here; somebody may have removed it meanwhile."),
        "team in flows": lambda: _("The team {name} is in {flows}; take it out there first."),
        "flows of others": lambda: _(
            "The team {name} is in flows that you may not edit, so who is in it is for their administrators to say."
        ),
        "bad limits": lambda: "{why}",
        "no zone": lambda: _("“{zone}” is no time zone; one is called America/Sao_Paulo, for example."),
        "answers keep kind": lambda: _("{name} has answers already, so it stays {kind}."),
        "too deep": lambda: _("A subcategory has none below it."),
        "tag elsewhere": lambda: _(
            "The tag {name} is also on tickets that are not yours to change, so the owner takes it off."
        ),
        "category retired": lambda: _("{name} is retired; bring it back first."),
        "not merged": lambda: _("This ticket was not merged into another, so there is nothing to undo."),
        "merge itself": lambda: _("That is the same ticket: name another one to merge it into."),
        "no title": lambda: _("A ticket needs a subject; a few words are enough."),
        "no date": lambda: _("That is no date that a ticket can be due on."),
        "no tag": lambda: _("A tag needs a letter or a digit; “{name}” has none."),
        "too many tags": lambda: _("{limit} tags on a ticket are the most; take one away first."),
        "no category": lambda: _("There is no category {category} to choose; retired ones are not given any more."),
        "too many categories": lambda: _("{limit} categories on a ticket are the most; take one away first."),
        "no activity": lambda: _("There is no activity {id} that you can see."),
        "no activity name": lambda: _("An activity needs a name: say what is to be done."),
        "too many activities": lambda: _("A ticket has up to {limit} activities; remove one or open another ticket."),
        "no flow": lambda: _("There is no flow {flow} that you can see."),
        "same flow": lambda: _("The ticket is in {flow} already; moving it changes the phase."),
        "no other flow": lambda: _("There is no other flow that you may work in."),
        "no customer": lambda: _("There is no customer {id} that you can see."),
        "nobody named": lambda: _("A ticket needs a customer: give a name, an e-mail address or a phone number."),
        "bad phone": lambda: _("{phone} is not a phone number; write it with its area code."),
        "customer taken unseen": lambda: _("{value} belongs to a customer already whom you cannot see."),
        "customer taken": lambda: _("{value} belongs to customer {other} already. Merging the two makes them one."),
        "customer merged": lambda: _(
            "This customer was merged into customer {other}; split them first, or go on there."
        ),
        "customer not merged": lambda: _("This customer was not merged into another, so there is nothing to split."),
        "merge customer itself": lambda: _("That is the same customer: name another one to merge them into."),
        "too many attributes": lambda: _("{limit} attributes of a customer are the most."),
        "no answer": lambda: _("There is no answer {id} that you can see."),
        "answer has ticket": lambda: _("That answer has a ticket already: #{number}."),
        "employees": lambda: _("Answers of employees never become tickets."),
        "not following": lambda: _("{login} does not follow this ticket."),
        "assignee's yes": lambda: _(
            "Earlier notes are opened by the assignee or an administrator of the flow, and by nobody for themselves."
        ),
        "no file": lambda: _("There is no file {id} that you can see."),
        "too many files": lambda: _("{limit} files on a note are the most."),
        "file too large": lambda: _("{name} is too large; {limit} MB are the most."),
        "no folder": lambda: _("{folder} is no folder that can be written to."),
        "not saved": lambda: _("{name} could not be saved: {why}."),
        "no opener": lambda: _(
            'No command opens files here; open_command = "xdg-open", for example, in {where} names one. '
            "Files can be saved instead."
        ),
        "opening forbidden": lambda: _("Files are not opened here; they can be saved instead."),
        "plan": lambda: "{troubles}",
        "role above level": lambda: _(
            "{login} is {level} by level and so cannot be {role} in a flow; the owner grants levels."
        ),
        "no team": lambda: _("There is no team called {name}."),
        "cannot work": lambda: _(
            "{login} cannot work in this flow, so its tickets cannot be born theirs; name another default assignee, or nobody."
        ),
        "phase in use": lambda: _("{phase} holds {count} tickets: name a phase, {status} like it, that takes them."),
        "no destination": lambda: _("Tickets of {phase} can only go to a phase of this flow that stays."),
        "wrong destination": lambda: _(
            "Tickets of {phase} are {status} and can only go to a phase that is so too; {target} is not. "
            "Starting and closing are people's acts."
        ),
        "status in use": lambda: _(
            "{phase} holds {count} tickets, so it stays {status}: starting and closing are people's acts. Move them first."
        ),
        "not all flows": lambda: _(
            "The order of the flows decides what each of them gets, so it is for the owner, or for who may edit them all."
        ),
        "no mail": lambda: _("There is no mail {id} in the ledger that you can see."),
        "mail waits": lambda: _("That mail was kept and is being read; try again in a moment."),
        "mail on ticket": lambda: _("That mail is on #{number} already; split it off there first."),
        "mail twice": lambda: _("That is the same mail as number {id}; that one counts."),
        "mail unread": lambda: _("That mail could not be read; retry it first."),
        "mail trusted": lambda: _(
            "There is nothing to accept: only a suspect mail, or an automatic one on a ticket, waits."
        ),
        "mail on no ticket": lambda: _("That mail is on no ticket: attach it, or open one with it."),
        "mail sender": lambda: _("That mail names no sender that could be written to, so it opens no ticket."),
        "mail read": lambda: _("Only a mail in quarantine is read again."),
        "mail whole": lambda: _("That mail is whole already."),
        "mailbox elsewhere": lambda: _("{address} is not set up here; fetch it where its mail is served."),
        "mail gone": lambda: _("The server does not have that mail any more; its headers are kept."),
        "mail too large": lambda: _("That mail has {size} MB; {limit} MB are the most that is fetched."),
        "server trouble": lambda: _("{words}. Nothing was changed."),
        "stopped": lambda: _("Stopped; nothing was changed."),
        "nobody at": lambda: _("No customer is known at {address}."),
        "not blocked": lambda: _("{address} is not blocked."),
        "no template": lambda: _("There is no template {name} that you can use here; there are: {known}."),
        "bad template": lambda: _("In the {part}: {trouble}."),
        "no variable": lambda: _("There is no variable {names}; what can be put in is offered after {{{{."),
        "customer's name only": lambda: _(
            "A template of the account for one class is sent without a ticket, so it knows customer.name and "
            "customer.first_name only; it has {names}."
        ),
        "class taken": lambda: _("For that class there is “{name}” already; change that one."),
        "missing": lambda: _(
            'Missing or empty here: {names}. Write it in, or give a fallback: {{{{ name | default("…") }}}}.'
        ),
        "too many templates": lambda: _("{limit} templates of one place are the most."),
        "not later": lambda: _("That is no time to come, or more than a year ahead; say when it is to leave."),
        "too many files out": lambda: _("{limit} files on a message are the most."),
        "address changed": lambda: _("The customer has another address now."),
        "writer gone": lambda: _("Whoever wrote it cannot come in any more."),
        "files too large": lambda: _("{limit} MB of files are the most that a message carries."),
        "not opened": lambda: _("{command} could not be started: {why}. Files can be saved instead."),
        "rule on": lambda: _("{name} is switched on; switch it off to change it."),
        "rule ran": lambda: _("{name} ran already, and its log stays; switch it off instead of removing it."),
        "rule of all flows": lambda: _(
            "A rule about the tickets of every flow is the owner's; name flows that you administer, or answers without a ticket."
        ),
        "blanks": lambda: _("{blanks} It cannot be switched on yet."),
        "rule value": lambda: _("“{value}” cannot stand there."),
        "too many rule sets": lambda: _("{limit} rule sets are the most."),
        "too many expressions": lambda: _("{limit} words and expressions of one rule set are the most."),
        "too many groups": lambda: _("{limit} groups of conditions are the most."),
        "too many conditions": lambda: _("{limit} conditions in a group are the most."),
        "too many values": lambda: _("{limit} values are the most."),
        "too many named": lambda: _("{limit} names in a list are the most."),
        "too many tables": lambda: _("{limit} tables are the most."),
        "no attribute": lambda: _("Say which attribute the table is about."),
        "empty value": lambda: _("A value of the table is empty."),
        "value twice": lambda: _("{value} is there twice."),
        "rule off": lambda: _("{name} is switched off; only a rule set that is on is run."),
        "rule of time": lambda: _("{name} is about time, so it is the clock that runs it."),
        "rule met": lambda: _("{name} met this ticket before, and no rule set does twice."),
        "rule not about": lambda: _("{name} does not hold for this ticket."),
    }
)
