"""Mail through the server that the settings name: plain text, one letter to one mailbox.

Owns the letter's form and the talk with the server. TLS is checked against the system's authorities; `smtp://` without
it is for servers on the same machine or network that offer none.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

from gridgov.notices.channels import Letter, NotSent
from gridgov.platform.settings import Settings

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
TIMEOUT_S = 15.0
_LATER = 500  # from here on, answers of a server are final


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `security`: smtp, smtp+starttls or smtps; `sender`: the address that letters come from."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    authorities: str | None = None  # a file of certificates, instead of the system's

    @classmethod
    def chosen(cls, settings: Settings) -> Server | None:
        """The one that is set, if any."""
        if settings.mail_server is None or settings.mail_from is None:
            return None
        parts = urlsplit(settings.mail_server)
        return cls(
            parts.hostname or "",
            parts.port or PORTS[parts.scheme],
            parts.scheme,
            settings.mail_from,
            settings.mail_user,
            settings.mail_password,
            None if settings.mail_authorities is None else str(settings.mail_authorities),
        )

    def mail(self, letter: Letter) -> None:
        """Hands over one letter. Raises `NotSent`; an answer of 5xx is final."""
        made = message(letter, self.sender)
        try:
            with self._connected() as server:
                server.send_message(made, from_addr=self.sender, to_addrs=[letter.to])
        except smtplib.SMTPRecipientsRefused as problem:
            code = max((code for code, _ in problem.recipients.values()), default=0)
            raise NotSent("mailbox-refused", str(code), final=code >= _LATER) from None
        except smtplib.SMTPAuthenticationError as problem:
            raise NotSent("mail-sign-in-refused", str(problem.smtp_code)) from None
        except smtplib.SMTPResponseException as problem:
            raise NotSent("mail-refused", str(problem.smtp_code), final=problem.smtp_code >= _LATER) from None
        except ssl.SSLError as problem:
            raise NotSent("mail-server-not-trusted", problem.reason or "") from None
        except (OSError, smtplib.SMTPException) as problem:
            raise NotSent("mail-server-unreachable", type(problem).__name__) from None
        except UnicodeEncodeError:
            raise NotSent("mailbox-unreadable", final=True) from None

    def _connected(self) -> smtplib.SMTP:
        tls = ssl.create_default_context(cafile=self.authorities)
        if self.security == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=tls)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            if self.security == "smtp+starttls":
                server.starttls(context=tls)
            if self.user is not None and self.password is not None:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def message(letter: Letter, sender: str) -> EmailMessage:
    """The letter as it goes over the wire. Its Message-ID follows from the delivery, so that a repeat can be known."""
    domain = sender.rpartition("@")[2]
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(addr_spec=sender)
    made["To"] = Address(addr_spec=letter.to)
    made["Subject"] = " ".join(letter.subject.split())
    made["Date"] = letter.at
    made["Message-ID"] = f"<{letter.ident}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers from machines
    made.set_content(letter.text)
    return made
