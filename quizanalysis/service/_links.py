"""Addresses: of a progress, and signed ones of files, which expire."""

import hashlib
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeTimedSerializer

from quizanalysis.errors import UnknownReport

__all__ = ["Links"]


class Links:
    """What a server at `url` is asked for.

    Parameters
    ----------
    url : str
        Without the paths of the API.
    secret : str or bytes
        Signs the links; all processes of a server need the same.
    expires_s : float
        How long a link to a file can be used.
    """

    def __init__(self, url: str, secret: str | bytes, expires_s: float) -> None:
        if not secret:
            msg = "a secret is needed, such as secrets.token_hex(32)"
            raise ValueError(msg)
        self._url = url.rstrip("/")
        self._expires = timedelta(seconds=expires_s)
        self._signer = URLSafeTimedSerializer(
            secret,
            salt=b"quizanalysis.reports",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def progress(self, number: int) -> str:
        """Name the place where a progress is asked for."""
        return f"{self._url}/api/v1/progress/{number}"

    def download(self, file: str) -> str:
        """Sign a link to a file, valid from now on."""
        token = self._signer.dumps(file)
        return f"{self._url}/api/quiz/v1/reports/download/{token}"

    def file(self, token: str) -> str:
        """Read which file a link was signed for; refuse all others."""
        try:
            file, signed = self._signer.loads(token, return_timestamp=True)
        except (BadData, UnicodeError):
            file, signed = None, datetime.now(UTC)
        # Whole seconds, as in the link; one from a host whose clock is ahead is good.
        age = datetime.now(UTC).replace(microsecond=0) - signed
        if isinstance(file, str) and age <= self._expires:
            return file
        msg = "this link is not valid, or not any more: ask the progress for a new one"
        raise UnknownReport(msg)
