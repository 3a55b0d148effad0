"""Every action of the screen, once: keys, `:` line, palette, help and reference are made from this registry.

What an action does is a method `do_<id>` of the queue screen, so a registered action without one is a failing test.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding

from domain.text import N_, _


class Where(StrEnum):
    """The place where an action's keys work."""

    LIST = "list"
    TICKET = "ticket"
    """Bound by the ticket's pane itself."""
    DRAFT = "draft"
    """Bound by the draft itself."""
    ANYWHERE = "anywhere"


@dataclass(frozen=True)
class Action:
    """Something that a person can do."""

    id: str
    keys: tuple[str, ...]
    """In Textual's names; the first is the one that is shown."""
    name: str
    """English; `title` is what is shown."""
    about: str
    """English; `help` is what is shown."""
    where: Where = Where.ANYWHERE
    command: str = ""
    """Its word on the `:` line; '' when it is only a movement."""
    takes: str = ""
    """What the command is given, in capitals; in brackets when it may be left out."""
    verb: str = ""
    """Its key in `TicketView.can`, when a ticket may refuse it."""
    dangerous: bool = False
    """Asks before it acts."""
    part: str = ""
    """The part of the ticket, a tab of its pane, that alone binds the keys."""

    @property
    def title(self) -> str:
        """What it is called, short enough for the footer."""
        return _(self.name)

    @property
    def help(self) -> str:
        """One sentence about it."""
        return _(self.about)

    @property
    def shown_keys(self) -> str:
        """The keys as a person writes them."""
        return " ".join(shown(key) for key in self.keys)


_NAMES = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "asterisk": "*",
    "plus": "+",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "space": "Space",
    "shift+tab": "⇧Tab",
    "down": "↓",
    "up": "↑",
    "home": "Home",
    "end": "End",
    "pagedown": "PgDn",
    "pageup": "PgUp",
}


def shown(key: str) -> str:
    """A key's name for people: `/` for slash, ^P for ctrl+p."""
    if key.startswith("ctrl+"):
        return "^" + key[5:].upper()
    return _NAMES.get(key, key.upper() if len(key) > 1 and key[0] == "f" and key[1:].isdigit() else key)


LIST, TICKET, DRAFT = Where.LIST, Where.TICKET, Where.DRAFT

ACTIONS: tuple[Action, ...] = (
    Action("down", ("j", "down"), N_("down"), N_("The next ticket of the list."), LIST),
    Action("up", ("k", "up"), N_("up"), N_("The ticket before it."), LIST),
    Action("top", ("g", "home"), N_("top"), N_("The first ticket of the list."), LIST, "top"),
    Action("bottom", ("G", "end"), N_("bottom"), N_("The last ticket of the list."), LIST, "bottom"),
    Action("half_down", ("ctrl+d", "pagedown"), N_("half down"), N_("Half a page down."), LIST),
    Action("half_up", ("ctrl+u", "pageup"), N_("half up"), N_("Half a page up."), LIST),
    Action("open", ("enter",), N_("open"), N_("Open the ticket under the cursor."), LIST, "open", "[NUMBER]"),
    Action(
        "back",
        ("escape",),
        N_("back"),
        N_("Clear the innermost thing (input, selection, filter), else go back a step."),
    ),
    Action("next_pane", ("tab",), N_("next pane"), N_("From the list to the ticket to the draft, and round again.")),
    Action("prior_pane", ("shift+tab",), N_("pane before"), N_("The other way round.")),
    Action("next_ticket", ("J",), N_("next ticket"), N_("The next ticket while reading one.")),
    Action("prior_ticket", ("K",), N_("ticket before"), N_("The ticket before while reading one.")),
    Action("tab_all", ("1",), N_("all"), N_("Every ticket."), command="all"),
    Action("tab_open", ("2",), N_("not started"), N_("Tickets that are not started."), command="pending"),
    Action("tab_progress", ("3",), N_("in progress"), N_("Tickets in progress."), command="progress"),
    Action("tab_closed", ("4",), N_("closed"), N_("Closed tickets."), command="closed"),
    Action("next_tab", ("right_square_bracket",), N_("next part"), N_("The next part of the ticket.")),
    Action("prior_tab", ("left_square_bracket",), N_("part before"), N_("The part of the ticket before.")),
    Action("reply", ("r",), N_("reply"), N_("Write to the customer."), command="reply", verb="reply"),
    Action("note", ("n",), N_("note"), N_("Write a note for colleagues."), command="note", takes="[TEXT]", verb="note"),
    Action("start", ("s",), N_("start"), N_("Start the ticket."), command="start", verb="start"),
    Action("take", (), N_("start and take"), N_("Start the ticket and assign it to yourself."), command="take"),
    Action(
        "assign",
        ("a",),
        N_("assign"),
        N_("Give the ticket to somebody."),
        command="assign",
        takes="[LOGIN]",
        verb="assign",
    ),
    Action(
        "move",
        ("m",),
        N_("move"),
        N_("Move the ticket to another phase."),
        command="move",
        takes="[PHASE]",
        verb="move",
    ),
    Action("close", (), N_("close"), N_("Close the ticket with a resolution."), command="close", verb="close"),
    Action(
        "priority",
        ("p",),
        N_("priority"),
        N_("Change the priority."),
        command="priority",
        takes="[high|medium|low]",
        verb="priority",
    ),
    Action(
        "tags",
        ("t",),
        N_("tags"),
        N_("Tags and categories: mark them, or type a new tag."),
        command="tags",
        takes="[TAG, -TAG…]",
        verb="edit",
    ),
    Action(
        "due",
        ("d",),
        N_("due"),
        N_("When it is due: 2d, 31/12, friday, none."),
        command="due",
        takes="[WHEN]",
        verb="edit",
    ),
    Action(
        "follow",
        ("f",),
        N_("follow"),
        N_("Follow the ticket, or no more; with a login, have somebody follow it."),
        command="follow",
        takes="[LOGIN]",
    ),
    Action("unfollow", (), N_("unfollow"), N_("Follow the ticket no more."), command="unfollow", takes="[LOGIN]"),
    Action(
        "open_notes",
        (),
        N_("open notes"),
        N_("Let a follower read the restricted notes from before."),
        command="open-notes",
        takes="LOGIN",
    ),
    Action(
        "subject",
        (),
        N_("subject"),
        N_("Change the subject."),
        command="subject",
        takes="[TEXT]",
        verb="edit",
    ),
    Action(
        "describe",
        (),
        N_("describe"),
        N_("Change the subject and the description."),
        command="describe",
        verb="edit",
    ),
    Action(
        "activities",
        (),
        N_("activities"),
        N_("The activities of the ticket; with a name, add one."),
        command="activities",
        takes="[NAME]",
    ),
    Action(
        "customer",
        ("E",),
        N_("edit customer"),
        N_("Change the customer's data."),
        command="customer",
        verb="edit",
    ),
    Action(
        "merge_customer",
        (),
        N_("merge customer"),
        N_("Make this customer one with another, who is looked for by name, e-mail or phone."),
        command="merge-customer",
        takes="WORDS",
        verb="edit",
        dangerous=True,
    ),
    Action(
        "split_customer",
        (),
        N_("split customer"),
        N_("Part this customer from one who was merged into them."),
        command="split-customer",
        verb="edit",
    ),
    Action(
        "transfer",
        (),
        N_("transfer"),
        N_("Move the ticket to another flow, naming the phase."),
        command="transfer",
        takes="[FLOW]",
        verb="transfer",
    ),
    Action(
        "merge",
        (),
        N_("merge"),
        N_("Merge the ticket into another of the same case."),
        command="merge",
        takes="[NUMBER]",
        verb="merge",
        dangerous=True,
    ),
    Action("unmerge", (), N_("unmerge"), N_("Take the ticket out of the one it was merged into."), command="unmerge"),
    Action("new", (), N_("new ticket"), N_("Open a ticket by hand."), command="new"),
    Action(
        "accept",
        (),
        N_("accept mail"),
        N_("Take a suspect mail of the ticket for the customer's word."),
        command="accept",
    ),
    Action("files", ("plus",), N_("files"), N_("Open or save the files of a mail or note."), command="files"),
    Action(
        "why",
        ("W",),
        N_("why"),
        N_("Which rule, flow or person gave the ticket its owner, priority, due date and the rest."),
        command="why",
    ),
    Action("checklist", ("c",), N_("checklist"), N_("The checklist of the ticket's phases."), command="checklist"),
    Action(
        "no_answer", (), N_("needs no answer"), N_("Clear the unanswered mark without writing."), command="answered"
    ),
    Action(
        "undo",
        ("u",),
        N_("undo"),
        N_("Take back a message that has not left yet, one that leaves later or failed too."),
        command="undo",
    ),
    Action(
        "send_again",
        (),
        N_("send again"),
        N_("Send again what failed, is held back or in doubt."),
        command="send-again",
        dangerous=True,
    ),
    Action("fold", ("o",), N_("unfold"), N_("Unfold or fold the quoted part of a mail."), TICKET),
    Action("raw", ("O",), N_("raw mail"), N_("Show a mail as it travelled."), TICKET),
    Action(
        "kinds",
        ("v",),
        N_("kinds"),
        N_("Show one kind of entries only: messages, notes, acts, changes, activities."),
        TICKET,
    ),
    Action("tick", ("space",), N_("tick"), N_("Tick the item of the checklist."), TICKET, part="checklist"),
    Action("activity_add", ("o",), N_("add activity"), N_("Add an activity."), TICKET, part="activities"),
    Action(
        "activity_done", ("space",), N_("activity done"), N_("The activity is done, or not."), TICKET, part="activities"
    ),
    Action("activity_edit", ("enter",), N_("edit activity"), N_("Change the activity."), TICKET, part="activities"),
    Action(
        "activity_give", ("a",), N_("give activity"), N_("Give the activity to somebody."), TICKET, part="activities"
    ),
    Action(
        "activity_remove",
        ("d",),
        N_("remove activity"),
        N_("Remove the activity."),
        TICKET,
        dangerous=True,
        part="activities",
    ),
    Action(
        "customer_open", ("enter",), N_("open ticket"), N_("Open that ticket of the customer."), TICKET, part="customer"
    ),
    Action(
        "review", ("f5",), N_("review and send"), N_("Look at exactly what would leave, then send it."), DRAFT, "send"
    ),
    Action(
        "template",
        ("ctrl+t",),
        N_("template"),
        N_("Write with a template, its variables put in."),
        DRAFT,
        "template",
        "[NAME]",
    ),
    Action("attach", ("ctrl+a",), N_("attach"), N_("Put a file to the draft."), DRAFT, "attach", "[FILE]"),
    Action("detach", ("ctrl+r",), N_("remove file"), N_("Take the last file off the draft."), DRAFT, "detach"),
    Action("editor", ("ctrl+o",), N_("editor"), N_("Write the draft in $EDITOR."), DRAFT, "edit"),
    Action("select", ("x",), N_("select"), N_("Select or unselect the ticket under the cursor."), LIST, "select"),
    Action("select_range", ("X",), N_("select range"), N_("Select from the last one selected to here."), LIST),
    Action(
        "select_loaded",
        ("asterisk",),
        N_("select loaded"),
        N_("Select every ticket that is loaded; once more, all that match."),
        LIST,
    ),
    Action(
        "mass",
        ("b",),
        N_("mass actions"),
        N_("Choose several acts at once for the selected tickets, categories by their words among them."),
        LIST,
        "mass",
    ),
    Action("filter", ("slash",), N_("filter"), N_("Show only tickets that match."), command="filter", takes="[QUERY]"),
    Action("flow", ("F",), N_("flow"), N_("Show the tickets of one flow, or of all."), command="flow", takes="[NAME]"),
    Action(
        "columns",
        (),
        N_("columns"),
        N_("Choose the columns of the list and their order."),
        command="columns",
        takes="[COLUMN…]",
    ),
    Action("refresh", ("R",), N_("refresh"), N_("Show what is new, in its place."), command="refresh"),
    Action("copy", ("y",), N_("copy number"), N_("Send the ticket's number to the clipboard."), command="copy"),
    Action(
        "notices",
        ("N",),
        N_("notifications"),
        N_("What you should know: mentions, replies, what is due."),
        command="notifications",
    ),
    Action(
        "ledger",
        ("M",),
        N_("mail ledger"),
        N_("Every mail that came, what came of it, and what waits for a person."),
        command="ledger",
    ),
    Action("settings", ("S",), N_("settings"), N_("Shape flows, people and how you work."), command="settings"),
    Action(
        "import",
        ("I",),
        N_("import"),
        N_("Bring answers in from a file, shown first as it would be read."),
        command="import",
        takes="[FILE [SURVEY]]",
    ),
    Action("theme", (), N_("theme"), N_("Change the colours."), command="theme", takes="[NAME]"),
    Action("redraw", ("ctrl+l",), N_("redraw"), N_("Draw the screen anew."), command="redraw"),
    Action("command", ("colon",), N_("command"), N_("Type a command.")),
    Action("palette", ("ctrl+p",), N_("palette"), N_("Find any command by its words."), command="palette"),
    Action("help", ("question_mark",), N_("help"), N_("What can be done here."), command="help"),
    Action("quit", ("q",), N_("quit"), N_("Leave; drafts are kept."), command="quit"),
)

BY_ID = {action.id: action for action in ACTIONS}
BY_COMMAND = {action.command: action for action in ACTIONS if action.command}
SHORT = {"q": "quit", "h": "help", "f": "filter", "w": "refresh", "open-ticket": "new", "tag": "tags"}
"""What fingers type from habit."""

HINTS = {
    "list": ("start", "reply", "note", "move", "assign", "filter", "help"),
    "ticket": ("reply", "note", "move", "checklist", "assign", "command", "help"),
    "draft": ("next_pane", "back", "palette"),
    "selection": ("start", "assign", "move", "note", "mass", "back", "help"),
}
"""What the footer shows by place, at most seven."""


def bindings(where: Iterable[Where], target: str = "screen") -> list[Binding]:
    """Textual's bindings for the actions of some places; all call the one method `action_act`."""
    places = set(where)
    return [
        Binding(key, f"{target}.act('{action.id}')", action.name, show=False, id=f"{action.id}.{i}" if i else action.id)
        for action in ACTIONS
        if action.where in places
        for i, key in enumerate(action.keys)
    ]


@dataclass(frozen=True)
class Command:
    """A line that was typed after `:`."""

    action: Action
    argument: str


def parse(line: str) -> Command | str:
    """The action that a `:` line means, by the command's word or an unambiguous start of it; else what is wrong."""
    word, _space, argument = line.strip().partition(" ")
    word = SHORT.get(word, word)
    if not word:
        return _("Type a command; Tab completes it, :help lists them all.")
    if word.isdigit():
        return Command(BY_ID["open"], word)
    found = [a for name, a in BY_COMMAND.items() if name == word] or [
        a for name, a in BY_COMMAND.items() if name.startswith(word)
    ]
    if not found:
        return _("There is no command :{word}; :help lists them all.").format(word=word)
    if len(found) > 1:
        return _(":{word} could be {commands}.").format(word=word, commands=", ".join(f":{a.command}" for a in found))
    action = found[0]
    if argument and not action.takes:
        return _(":{command} takes nothing after it.").format(command=action.command)
    if action.takes and not action.takes.startswith("[") and not argument.strip():
        return _("Say :{command} {takes}.").format(command=action.command, takes=action.takes)
    return Command(action, argument.strip())


def completions(line: str) -> Iterator[str]:
    """The commands that begin with what was typed."""
    yield from (name for name in sorted(BY_COMMAND) if name.startswith(line))


def search(words: str, actions: Iterable[Action] = ACTIONS) -> tuple[Action, ...]:
    """The actions with that key, or with all of those words in name, command or help."""
    wanted = words.strip()
    by_key = tuple(a for a in actions if wanted in a.keys or wanted in (shown(k) for k in a.keys))
    if by_key and len(wanted) <= 2:
        return by_key
    parts = wanted.casefold().split()
    return tuple(
        a for a in actions if all(p in f"{a.title} {a.command} {a.help} {a.shown_keys}".casefold() for p in parts)
    )


def reference() -> str:
    """The page of keys and commands, as Markdown, for the documentation."""
    lines = [f"| {_('Keys')} | {_('Command')} | {_('What it does')} |", "|---|---|---|"]
    for action in ACTIONS:
        keys = " ".join(f"`{shown(key)}`" for key in action.keys) or "—"
        command = f"`:{action.command}{' ' + action.takes if action.takes else ''}`" if action.command else "—"
        lines.append(f"| {keys} | {command.replace('|', chr(92) + '|')} | {action.help} |")
    return "\n".join(lines) + "\n"
