"""Answers that services send by HTTP: each stored in one transaction before it is acknowledged, each once (I1, I8)."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from domain.answers import Answer, Scale
from domain.people import PROGRAM
from domain.text import _, line
from gateways.layout import Layout, Refused
from gateways.settings import ConfigTrouble
from gateways.values import Maker
from gateways.webhook_config import SourceConfig, WebhookConfig, secret
from gateways.webhook_maps import Map, NoAnswers, load
from loop import answers
from loop.desk import Desk, DeskTrouble
from loop.import_layouts import SCALES, once_called, survey_named
from storage.light import is_outage

if TYPE_CHECKING:
    from datetime import datetime

    from gateways.webhook import Reply, Server

AGAIN_S = 30
"""Seconds after which a sender may try again when the database is away."""
_COLUMNS = {"email": "e-mail", "phone": "phone", "survey": "survey"}
"""What an address or a number that cannot be one is kept as among the attributes."""


class Webhook:
    """The configured sources at their address, from `start` to `stop`."""

    def __init__(
        self,
        desk: Desk,
        *,
        environ: Mapping[str, str] | None = None,
        report: Callable[[bool, str], None] | None = None,
    ) -> None:
        """DeskTrouble where nobody is configured, a secret is not to be had, or a map cannot be read.

        `report` is told in words when answers cannot be stored, and when they can be again.
        """
        self._desk = desk
        config = desk.config.webhook
        if config is None or not config.sources:
            raise DeskTrouble(
                _("Nobody may send answers: {where} wants [webhook] with a [[webhook.source]].").format(
                    where=desk.facts().config_path or _("a configuration file (--config)")
                )
            )
        self.config: WebhookConfig = config
        self._report = report
        self._well = True
        self._server: Server | None = None
        self.port = config.port
        """Where it listens; another than configured where that is 0."""
        from gateways.webhook import Door, Source
        from gateways.webhook_proofs import Proof

        try:
            sources = {
                one.name: Source(Proof(one, secret(one, os.environ if environ is None else environ)), self._taker(one))
                for one in config.sources
            }
        except ConfigTrouble as trouble:
            raise DeskTrouble(str(trouble)) from None
        self._door = Door(sources, self._healthy, config.max_bytes)

    def start(self) -> None:
        """Listen; DeskTrouble where the address is taken or not ours."""
        from gateways.webhook import Server, listener

        try:
            listening = listener(self.config)
        except OSError as error:
            raise DeskTrouble(
                _("The webhook cannot listen at {host}:{port}: {error}.").format(
                    host=self.config.host, port=self.config.port, error=line(error.strerror or str(error), 120)
                ),
                5,
            ) from None
        self.port = listening.getsockname()[1]
        self._server = Server(self._door, listening)
        self._server.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Take no more, and wait so many seconds for what is being stored."""
        if self._server:
            self._server.stop(timeout)

    def warning(self) -> str:
        """What whoever starts it should know; '' if all is well."""
        if self.config.loopback or self.config.proxy:
            return ""
        return _(
            "The webhook listens at {host}, where others can reach it, without TLS: secrets and answers cross the network "
            "in the clear. Put a proxy with TLS before it and say proxy = true, or listen at 127.0.0.1."
        ).format(host=self.config.host)

    def _taker(self, source: SourceConfig) -> "Callable[[Any], Reply]":
        map = load(source.map)
        return lambda payload: self._take(source, map, payload)

    def _take(self, source: SourceConfig, map: Map, payload: Any) -> "Reply":
        """Store what a payload holds and say what became of it."""
        from gateways.webhook import Reply

        try:
            found = take(self._desk, source, map, payload)
        except NoAnswers as why:
            return Reply(422, {"error": str(why)})
        except Exception as error:  # a sender that is told to come again loses nothing, whatever went wrong here
            self._say(False, error)
            return Reply(503, {"error": _("This cannot be stored now; send it again later.")}, AGAIN_S)
        self._say(True)
        refused = found["refused"]
        if refused and not any(found[key] for key in ("taken", "known", "differs", "left")):
            return Reply(422, {"error": refused[0]["reason"], **found})
        return Reply(200, found)

    def _healthy(self) -> bool:
        try:
            return bool(self._desk.db.rows("SELECT 1"))
        except Exception:
            return False

    def _say(self, well: bool, error: Exception | None = None) -> None:
        """That it is so again, or is so no more. The error's own words may hold what was sent; only its kind is told."""
        if well == self._well or not self._report:
            return
        self._well = well
        if error is None:
            self._report(True, _("answers are stored again"))
        elif is_outage(error):
            self._report(False, _("answers cannot be stored: the database does not answer"))
        else:
            self._report(False, _("answers cannot be stored: {kind}").format(kind=type(error).__name__))


def take(desk: Desk, source: SourceConfig, map: Map, payload: Any) -> dict[str, Any]:
    """Store the answers of a payload in one transaction: counts of what was taken, known, differs or left aside.

    NoAnswers where the payload is of another shape. What was refused has its place, from 1, and its reason.
    """
    survey, scale, zone = _survey(desk, source)
    make = _maker(desk, source, scale, zone, None)
    without_date = _maker(desk, source, scale, zone, _moment(desk.now()))

    def made(
        place: int, cells: dict[str, str], attributes: list[tuple[str, str]], questions: list[tuple[str, str]]
    ) -> Answer | Refused:
        if cells.get("answered_at", "").strip():
            return make(place, cells, attributes, questions)
        if not cells.get("external_id", "").strip():
            return Refused(place, _("It has no id and no date; one of them tells it from another that says the same."))
        return without_date(place, cells, attributes, questions)

    read = list(map.answers(payload, made))
    found = [one for one in read if one is not None]
    report = answers.take(desk, survey, found, actor=PROGRAM, scale=scale, way="webhook", about=source.name)
    refused = [one for one in found if isinstance(one, Refused)]
    return {
        "taken": report.imported,
        "known": report.duplicates,
        "differs": report.differs,
        "left": len(read) - len(found),
        "refused": [{"at": one.line, "reason": one.reason} for one in refused],
    }


def _survey(desk: Desk, source: SourceConfig) -> tuple[str, Scale, ZoneInfo]:
    """Name, limits and zone of the source's survey, whatever the case of its name; what one that is new will have.

    A survey that was renamed since is still the one that the configuration names.
    """
    if known := survey_named(desk, source.survey) or survey_named(desk, once_called(desk, source.survey)):
        return known.name, known.scale, known.zone
    return source.survey, SCALES[source.scale], ZoneInfo(desk.config.zone)


def _maker(desk: Desk, source: SourceConfig, scale: Scale, zone: ZoneInfo, undated: "datetime | None") -> Maker:
    layout = Layout("jsonl", columns=_COLUMNS)
    return Maker(layout, scale=scale, zone=zone, survey=source.survey, region=desk.config.region, undated=undated)


def _moment(now: int) -> "datetime":
    from datetime import UTC, datetime

    return datetime.fromtimestamp(now / 1000, UTC)
