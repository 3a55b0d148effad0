"""Thousands of rows by the driver say the same as one row by the ORM, on both databases."""

from storage.database import Database
from storage.tables import Contact, Survey
from storage.work import json_text, repeated_json

ODD = ["tab\there", "line\nbreak", "back\\slash \\N \\.", "quote \" ' ,", "émoji 👩‍🚒", ""]


def test_what_is_written_in_a_batch_is_read_as_it_was(migrated_url: str) -> None:
    """Nothing that customers write can break out of its column, however the database takes batches."""
    db = Database(migrated_url)
    try:
        with db.write() as work:
            ids = work.reserve(Contact, len(ODD))
            rows = [(id, f"e:{id}", name, json_text({"loja": name}), 7) for id, name in zip(ids, ODD, strict=True)]
            work.insert_many(Contact, ("id", "key", "name", "attributes", "created_at"), rows)
            work.insert_many(Contact, ("id",), [])
            assert [c.name for c in work.many(Contact, "id", ids)] == ODD, "seen in the same work"
        with db.write() as work:
            found = work.many(Contact, "id", ids)
            assert [(c.name, c.attributes) for c in found] == [(name, {"loja": name}) for name in ODD]
            one = found[0]
            assert (one.email, one.other_emails, one.merged_into, one.bounced_at) == ("", [], None, None), (
                "the defaults"
            )
            work.run_many("UPDATE contacts SET name = :new WHERE id = :id", [{"id": id, "new": f"n{id}"} for id in ids])
            work.run_many("UPDATE contacts SET name = :new WHERE id = :id", [])
        assert db.rows("SELECT name FROM contacts ORDER BY id") == [(f"n{id}",) for id in ids]
        with db.write() as work:
            work.insert_many(Survey, ("name", "created_at"), [("P", 1)])
            survey = work.where(Survey, name="P")[0]
            assert (survey.sends_mail, survey.internal, survey.layout, survey.rule_sets) == (True, False, {}, None)
    finally:
        db.close()


def test_texts_that_are_kept_are_those_of_their_values() -> None:
    for value in ({"a": 1}, {"a": True}, {"a": 1.0}, {"a": "1"}, {"a": ["é", None]}, {}):
        assert repeated_json(value) == repeated_json(dict(value)) == json_text(value)
