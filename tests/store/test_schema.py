"""The schema: models and migrations agree, columns are the expected ones, and a wrong schema stops the
start.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from store import db, schema, tables
from store.migrations.run import config

# A new column is a decision about what is kept of people: it needs a line here, too.
EXPECTED = {
    "alembic_version": {"version_num"},
    "site": {"id", "salt", "sign_pk"},
    "card": {
        "seq",
        "key_id",
        "person",
        "raw",
        "enrolled_day",
        "retired_day",
        "retirement",
        "retired_seq",
        "granted",
    },
    "case_file": {
        "case_id",
        "mailbox_pk",
        "mailbox_key_id",
        "reporter_sign_pk",
        "act_pk",
        "mailbox_record",
        "received_day",
        "deleted_day",
    },
    "deletion": {"seq", "case_id", "what", "day", "author", "sig", "act_sig", "agrees"},
    "numbers": {"author", "key_id", "day", "sealed"},
    "code": {"index", "case_id", "ended_day"},
    "change": {"seq", "case_id"},
    "envelope": {"seq", "envelope_id", "case_id", "kind", "day", "act_sig", "promise", "raw"},
    "envelope_grant": {"envelope_id", "key_id", "granter", "sealed", "number"},
    "status": {"seq", "case_id", "sequence", "status", "day", "author", "sig", "act_sig"},
    "nonce": {"key_id", "nonce", "day"},
    "stored_object": {"object_id", "size", "have", "day"},
    "object_piece": {"object_id", "start", "raw"},
    "object_name": {"object_id", "envelope_id"},
    "log_leaf": {"index", "hash", "raw"},
    "log_batch": {"day", "first", "end"},
    "log_head": {
        "id",
        "size",
        "root",
        "hidden",
        "day",
        "list_length",
        "published",
        "note",
        "release",
    },
    "log_checkpoint": {"size", "note"},
    "log_cosignature": {"name", "size", "line"},
    "log_witness": {"key_id", "day", "raw"},
    "log_document": {"hash", "word", "raw", "index", "day", "in_force"},
    "log_evidence": {"hash", "size", "note", "explained"},
    "reading_journal": {"seq", "author", "day", "number", "raw"},
    "pending_leaf": {"hash", "day", "list_length", "raw"},
    "register_record": {"number", "hash", "day", "raw"},
}


def test_an_empty_database_is_upgraded_once_and_stays(empty_url: str) -> None:
    engine = db.make_engine(empty_url)
    assert schema.schema_state(engine) is schema.SchemaState.EMPTY
    schema.upgrade(empty_url)
    assert schema.schema_state(engine) is schema.SchemaState.CURRENT
    schema.upgrade(empty_url)
    schema.check_schema(engine)
    engine.dispose()


def test_models_and_migrations_agree(engine: Engine) -> None:
    with db.reading(engine) as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, tables.Base.metadata) == []


def test_the_tables_hold_the_expected_columns_only(engine: Engine) -> None:
    with db.reading(engine) as conn:
        found = inspect(conn)
        columns = {
            name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()
        }
    assert columns == EXPECTED


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_sqlite_has_nothing_but_tables_and_indexes(engine: Engine) -> None:
    with db.reading(engine) as conn:
        names = conn.scalars(text("SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index')"))
        assert list(names) == []


def test_no_column_is_finer_than_a_day() -> None:
    for table in tables.Base.metadata.sorted_tables:
        for column in table.columns:
            assert "TIME" not in str(column.type).upper(), column


def test_every_column_says_why_it_is_kept() -> None:
    for table in tables.Base.metadata.sorted_tables:
        for column in table.columns:
            assert column.comment and len(column.comment) > 15, column


def test_the_program_knows_its_revisions() -> None:
    script = ScriptDirectory.from_config(config())
    walked = [revision.revision for revision in script.walk_revisions()]
    assert tuple(reversed(walked)) == schema.REVISIONS
    assert script.get_heads() == [schema.REVISIONS[-1]]


def test_an_empty_database_is_not_started_on(empty_url: str) -> None:
    engine = db.make_engine(empty_url)
    with pytest.raises(schema.WrongSchema, match="empty"):
        schema.check_schema(engine)
    engine.dispose()


def test_a_newer_or_foreign_database_is_neither_started_on_nor_upgraded(engine: Engine, url: str) -> None:
    with db.writing(engine) as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert schema.schema_state(engine) is schema.SchemaState.UNKNOWN
    with pytest.raises(schema.WrongSchema, match="newer"):
        schema.check_schema(engine)
    with pytest.raises(schema.WrongSchema, match="newer"):
        schema.upgrade(url)
    with db.writing(engine) as conn:
        conn.execute(text("DROP TABLE alembic_version"))
    assert schema.schema_state(engine) is schema.SchemaState.UNKNOWN


def test_an_older_database_asks_for_the_upgrade(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9999"))
    assert schema.schema_state(engine) is schema.SchemaState.OUTDATED
    with pytest.raises(schema.WrongSchema, match="db upgrade"):
        schema.check_schema(engine)


def test_two_upgrades_at_once_make_one(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(schema.upgrade, [empty_url] * 4))
    engine = db.make_engine(empty_url)
    schema.check_schema(engine)
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic.runtime import migration

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(migration.HeadMaintainer, "update_to_step", broken)
    with pytest.raises(RuntimeError):
        schema.upgrade(empty_url)
    engine = db.make_engine(empty_url)
    with db.reading(engine) as conn:
        assert inspect(conn).get_table_names() == []
    engine.dispose()


def test_serving_needs_no_alembic() -> None:
    program = (
        "import sys, store.db, store.reports, store.cases, store.cards, store.feed, store.nonces, store.site\n"
        "sys.exit(any(name.split('.')[0] == 'alembic' for name in sys.modules))"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", program], cwd=root).returncode == 0


def test_a_site_made_before_is_not_upgraded_and_stays_as_it_was(empty_url: str) -> None:
    """Its retirements have no place in the list, and its envelopes do not name their readers (ADR 0010)."""
    schema.upgrade(empty_url)
    engine = db.make_engine(empty_url)
    # The tables of revision 0004, with a card: what came later is taken off again.
    with db.writing(engine) as conn:
        conn.execute(text("DROP INDEX ix_card_retired_seq"))
        conn.execute(text("ALTER TABLE card DROP COLUMN retired_seq"))
        conn.execute(text("UPDATE alembic_version SET version_num = '0004'"))
        conn.execute(
            text(
                "INSERT INTO card (key_id, person, raw, enrolled_day) VALUES (:one, :one, :one, '2026-11-01')"
            ),
            {"one": b"k" * 16},
        )
    assert schema.schema_state(engine) is schema.SchemaState.OUTDATED
    with pytest.raises(schema.WrongSchema, match="do not name their readers"):
        schema.upgrade(empty_url)
    assert schema.schema_state(engine) is schema.SchemaState.OUTDATED
    with db.reading(engine) as conn:
        assert conn.execute(text("SELECT count(*) FROM card")).scalar() == 1
    engine.dispose()
