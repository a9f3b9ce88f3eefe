"""Who may open the page: the address that it listens on, and the password that it asks for."""

import ipaddress
from dataclasses import dataclass

from index.errors import BylineError

SHORTEST_PASSWORD = 8  # characters


@dataclass(frozen=True, slots=True)
class Access:
    """Where the page listens, whom it lets in, and what its owner should know about that."""

    host: str = "127.0.0.1"
    user: str | None = None
    password: str | None = None

    @property
    def is_local(self) -> bool:
        """Tell whether only this machine can reach the page."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def warning(self) -> str:
        """Return what to tell whoever starts the page, or nothing."""
        if self.is_local or self.user:
            return ""
        return (
            f"whoever reaches this machine at {self.host} can ask, read the articles and saved conversations, and add "
            "and remove articles. Give --auth USER:PASSWORD, or leave --host out."
        )


def checked_access(host: str, auth: str | None) -> Access:
    """Return who may come; BylineError where `auth` is not USER:PASSWORD."""
    if auth is None:
        return Access(host)
    user, colon, password = auth.partition(":")
    if not (user and colon and password):
        raise BylineError("--auth must be USER:PASSWORD, for instance --auth desk:correct-horse.")
    if len(password) < SHORTEST_PASSWORD:
        raise BylineError(f"The password of --auth is too short; take at least {SHORTEST_PASSWORD} characters.")
    return Access(host, user, password)
