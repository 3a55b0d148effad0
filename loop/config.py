"""The configuration, handed through to the faces, which know no gateway."""

from gateways.config import Config, ConfigTrouble, MailboxConfig, load, password

__all__ = ["Config", "ConfigTrouble", "MailboxConfig", "load", "password"]
