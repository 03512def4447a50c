"""Actions: one transaction each, also where two of them stand in each other's way."""

from __future__ import annotations

from threading import Barrier

from spindel.kit import sql
from spindel.kit.actions import action
from tests.commerce.quotes.cast import at_once


def test_of_two_that_wait_for_each_other_both_are_done_in_the_end(database: str) -> None:
    sql.run("CREATE TABLE two (id int PRIMARY KEY, many int NOT NULL)")
    sql.run("INSERT INTO two VALUES (1, 0), (2, 0)")
    both, begun = Barrier(2, timeout=30), set[int]()

    @action(silent="It is a test.")
    def add(first: int, second: int) -> str:
        sql.run("UPDATE two SET many = many + 1 WHERE id = %s", [first])
        if first not in begun:  # whoever begins again waits for nobody
            begun.add(first)
            both.wait()
        sql.run("UPDATE two SET many = many + 1 WHERE id = %s", [second])
        return "done"

    assert at_once(lambda: add(1, 2), lambda: add(2, 1)) == ["done", "done"]
    assert sql.rows("SELECT many FROM two ORDER BY id") == [(2,), (2,)]
