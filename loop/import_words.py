"""What columns of a file of answers can be, in words (I8)."""

from domain.text import _
from gateways.columns import named
from gateways.layout import Layout


def field_words() -> dict[str, str]:
    """Each of `FIELDS` as people call it, in the order in which it is offered."""
    return {
        "score": _("Score"),
        "comment": _("Comment"),
        "answered_at": _("Date of the answer"),
        "time": _("Hour of the answer"),
        "name": _("Customer's name"),
        "email": _("Customer's e-mail"),
        "phone": _("Customer's phone"),
        "customer_id": _("Customer's id"),
        "external_id": _("Id of the answer"),
        "survey": _("Name of the survey"),
    }


def role_words() -> dict[str, str]:
    """What a column can be that is no field."""
    return {"attribute": _("Attribute"), "question": _("Question"), "out": _("Left out")}


def why(layout: Layout, guessed: Layout, heading: str, origin: str) -> str:
    """Why a column is taken for what it is, in a few words."""
    role, field = layout.role(heading)
    if origin == "remembered":
        return _("as in the last import")
    if (role, field) != guessed.role(heading):
        return _("set by hand")
    if role == "field":
        return _("by its heading") if field in named(heading) else _("by what stands in it")
    if role == "question":
        return _("its heading asks")
    return _("none of what is known")
