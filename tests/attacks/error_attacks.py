"""Attacks on errors: who met them is in several tables; each returns what it learned about few people."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.attacks import Evidence, attacks, solve
from tests.attacks.logs import BOT, Log

MONITOR = "UptimeRobot/2.0"


@attacks
def errors_of_people_beside_those_of_bots(folder: Path) -> Evidence:
    """Three may not see a page, nor may bots, whose errors are told by status; other machines meet the same."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    log.crowd(2, 14, ("/gone",), status=404)
    log.crowd(2, 3, ("/members",), status=403)
    for number, (agent, status) in enumerate([(BOT, 403)] * 5 + [(BOT, 404), (MONITOR, 404)] * 3):
        log.visit(2, ("/members",), client="66.249.66.1", agent=agent, status=status, minute=100 + number)
    return solve(folder, log, 2, 2, ("errors",))
