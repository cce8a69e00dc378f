"""The database under the store: SQLite or PostgreSQL, one statement at a time."""

import random
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.schema import CreateIndex, CreateTable

__all__ = ["Database"]

_PATIENCE_S = 30.0
_CLOCKS = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    "postgresql": "CAST(extract(epoch FROM statement_timestamp()) AS double precision)",
}


class Database:
    """Statements are carried out at once, each whole; nobody hears of a locked file.

    Parameters
    ----------
    store : str or sqlalchemy.Engine
        An engine stays open when this is closed.

    Attributes
    ----------
    now : SQL expression
        Seconds since 1970 of the database's clock, so that those of several hosts do
        not matter.
    """

    def __init__(self, store: str | sa.Engine) -> None:
        self._owned = not isinstance(store, sa.Engine)
        if isinstance(store, sa.Engine):
            _check(store.url)
            engine: sa.Engine = store.execution_options(isolation_level="AUTOCOMMIT")
        else:
            engine = _engine(store)
        self._engine = engine
        clock = _CLOCKS[engine.dialect.name]
        self.now: sa.ColumnElement[float] = sa.literal_column(clock, sa.Double())
        if engine.dialect.name == "sqlite":
            self._execute(sa.text("PRAGMA journal_mode=WAL"))

    def make(self, table: sa.Table) -> None:
        """Make a table and its indexes where they are not there."""
        wanted: list[sa.Executable] = [CreateTable(table, if_not_exists=True)]
        wanted += [CreateIndex(index, if_not_exists=True) for index in table.indexes]
        for statement in wanted:
            try:
                self._execute(statement)
            except (IntegrityError, ProgrammingError):
                # In PostgreSQL, when another process makes it at this moment.
                self._execute(statement)

    def insert(self, statement: sa.Insert) -> int | None:
        """Insert a row and give its id; None when a rule of the table forbids it."""
        try:
            key, _, _ = self._execute(statement)
        except IntegrityError:
            return None
        return key

    def update(self, statement: sa.Update | sa.Delete) -> int:
        """Change or delete rows and say how many."""
        _, count, _ = self._execute(statement)
        return count

    def select(self, statement: sa.Select[Any]) -> list[dict[str, Any]]:
        """Read rows."""
        _, _, rows = self._execute(statement)
        return rows

    def close(self) -> None:
        """Close the connections, unless they are somebody else's."""
        if self._owned:
            self._engine.dispose()

    def _execute(
        self, statement: sa.Executable
    ) -> tuple[int | None, int, list[dict[str, Any]]]:
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                with self._engine.connect() as connection:
                    result = connection.execute(statement)
                    if isinstance(statement, sa.Insert):
                        key = result.inserted_primary_key
                        return key and key[0], result.rowcount, []
                    rows = result.mappings() if result.returns_rows else ()
                    return None, result.rowcount, [dict(row) for row in rows]
            except OperationalError as error:
                # SQLite's own waiting does not cover every lock it takes.
                if "locked" not in str(error.orig) or time.monotonic() > until:
                    raise
            time.sleep(random.uniform(0.005, 0.05))  # noqa: S311  no secret


def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    _check(parsed)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(
            parsed, isolation_level="AUTOCOMMIT", pool_pre_ping=True
        )
    engine = sa.create_engine(
        parsed,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": _PATIENCE_S},
    )

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _record: object) -> None:  # noqa: ANN401  of the driver
        # With a write-ahead log this is safe against everything but a power cut,
        # which may take back the last steps; it never damages the file.
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


def _check(url: sa.URL) -> None:
    """Refuse databases that cannot hold the rules."""
    if url.get_backend_name() not in _CLOCKS:
        msg = f"the store must be SQLite or PostgreSQL, not {url.get_backend_name()}"
        raise ValueError(msg)
    memory = url.database in (None, "", ":memory:") or "memory" in url.query.values()
    if url.get_backend_name() == "sqlite" and memory:
        msg = "threads cannot share a database in memory: name a file"
        raise ValueError(msg)
