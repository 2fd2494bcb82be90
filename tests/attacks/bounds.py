"""Bounds unknown sums: the least and the greatest value that equations leave to them, by HiGHS.

Unknowns are numbers from 0 on. What follows at once (an equation with one unknown) is put in first; the rest falls into
parts that share no unknown, and each is solved by itself. A solution of one question is a witness for all others: a
sum that was seen with two values far enough apart needs no solution of its own. So all sums are pushed up or down
together first, at random, until that separates few more; only what is left is asked one by one. Some dozen solutions
answer thousands of questions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import highspy
import numpy as np

_FEW: Final = 2
"""Sums that solutions must separate together, or each is asked by itself."""
UNBOUNDED: Final = 1e6
"""Stands for an upper bound where nothing bounds an unknown."""
CLOSE: Final = 1e-6


@dataclass(frozen=True)
class Question:
    """A sum of unknowns to bound; it is narrow if its interval is narrower than `width`."""

    label: Any
    unknowns: tuple[int, ...]
    width: float


@dataclass(frozen=True)
class Narrow:
    """A sum whose interval is narrower than it should be."""

    label: Any
    low: float
    high: float


@dataclass
class Answers:
    """The narrow sums, and what it took to find them."""

    narrow: list[Narrow] = field(default_factory=list)
    questions: int = 0
    at_once: int = 0
    """Questions whose answer followed without a solution."""
    solutions: int = 0


class Equations:
    """Unknowns and what is known of them."""

    def __init__(self) -> None:
        self.names: list[Any] = []
        self._rows: list[tuple[dict[int, float], float, float]] = []
        """Coefficients, and the least and the greatest value of the sum."""

    def unknown(self, name: Any) -> int:
        """Add an unknown."""
        self.names.append(name)
        return len(self.names) - 1

    def equal(self, coefficients: Mapping[int, float], value: float) -> None:
        """A sum of unknowns is a number."""
        self._rows.append((dict(coefficients), value, value))

    def at_most(self, coefficients: Mapping[int, float], value: float) -> None:
        """A sum of unknowns is at most a number."""
        self._rows.append((dict(coefficients), -np.inf, value))

    def sums(self) -> Iterator[tuple[int, ...]]:
        """The unknowns of every equation in which all are added up."""
        for coefficients, low, high in self._rows:
            if low == high and all(one == 1 for one in coefficients.values()):
                yield tuple(coefficients)

    def known(self) -> set[int]:
        """The unknowns whose value follows at once."""
        low, high, _ = self._follow()
        return {one for one in range(len(self.names)) if high[one] - low[one] <= CLOSE}

    def answer(self, questions: Iterable[Question]) -> Answers:
        """Find the questions with a narrow interval. Raises ValueError if the equations contradict each other."""
        low, high, rows = self._follow()
        part_of, parts = _split(len(self.names), low, high, rows)
        answers = Answers()
        solvers: dict[int, _Solver] = {}

        def solver(part: int) -> _Solver:
            if part not in solvers:
                solvers[part] = _Solver(*parts[part], low, high, answers)
            return solvers[part]

        open_questions: dict[int, list[Question]] = defaultdict(list)
        for question in questions:
            answers.questions += 1
            free = [one for one in question.unknowns if high[one] - low[one] > CLOSE]
            of_parts = {part_of[one] for one in free}
            if not free:
                answers.at_once += 1
                value = sum(low[one] for one in question.unknowns)
                if question.width > 0:
                    answers.narrow.append(Narrow(question.label, value, value))
            elif len(of_parts) == 1:
                open_questions[of_parts.pop()].append(question)
            else:
                # Of independent parts, each has its own interval and their widths add up: ask for each.
                by_part = defaultdict(list)
                for one in free:
                    by_part[part_of[one]].append(one)
                width = 0.0
                lowest = sum(low[one] for one in question.unknowns if one not in free)
                for part, members in by_part.items():
                    one_low, one_high = solver(part).interval(members)
                    width += one_high - one_low
                    lowest += one_low
                    if width >= question.width:
                        break
                if width < question.width - CLOSE:
                    answers.narrow.append(Narrow(question.label, lowest, lowest + width))
        for part, asked in open_questions.items():
            solver(part).answer(asked)
        return answers

    def _follow(self) -> tuple[Any, Any, list[tuple[dict[int, float], float, float]]]:
        """Bounds of all unknowns after putting in what has one value, and the rows that are left."""
        low = np.zeros(len(self.names))
        high = np.full(len(self.names), np.inf)
        rows = [(dict(coefficients), least, most) for coefficients, least, most in self._rows]
        of_unknown = defaultdict(list)
        for number, (coefficients, _, _) in enumerate(rows):
            for one in coefficients:
                of_unknown[one].append(number)
        waiting = list(range(len(rows)))
        is_done = [False] * len(rows)
        while waiting:
            number = waiting.pop()
            coefficients, least, most = rows[number]
            if is_done[number]:
                continue
            for one in [one for one in coefficients if high[one] - low[one] <= CLOSE]:
                share = coefficients.pop(one) * low[one]
                least, most = least - share, most - share
            rows[number] = coefficients, least, most
            settled = []
            if not coefficients:
                is_done[number] = True
                if least > CLOSE * 10 or most < -CLOSE * 10:
                    raise ValueError("the equations contradict each other")
            elif len(coefficients) == 1:
                is_done[number] = True
                ((one, factor),) = coefficients.items()
                ends = sorted((least / factor, most / factor))
                before = low[one], high[one]
                low[one], high[one] = max(low[one], ends[0]), min(high[one], ends[1])
                if before != (low[one], high[one]):
                    settled.append(one)
            elif abs(most) <= CLOSE and all(factor > 0 for factor in coefficients.values()):
                is_done[number] = True
                for one in coefficients:
                    high[one] = low[one]
                    settled.append(one)
            for one in settled:
                if low[one] > high[one] + CLOSE * 10:
                    raise ValueError("the equations contradict each other")
                if high[one] - low[one] <= CLOSE:
                    waiting += [other for other in of_unknown[one] if not is_done[other]]
        return low, high, [row for number, row in enumerate(rows) if not is_done[number]]


def _split(
    size: int, low: Any, high: Any, rows: list[tuple[dict[int, float], float, float]]
) -> tuple[list[int], dict[int, tuple[list[int], list[tuple[dict[int, float], float, float]]]]]:
    """The part of every unknown, and each part's unknowns and rows."""
    leader = list(range(size))

    def find(one: int) -> int:
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for coefficients, _, _ in rows:
        first, *others = coefficients
        for other in others:
            leader[find(other)] = find(first)
    part_of = [find(one) for one in range(size)]
    parts: dict[int, tuple[list[int], list[tuple[dict[int, float], float, float]]]] = defaultdict(lambda: ([], []))
    for one, part in enumerate(part_of):
        if high[one] - low[one] > CLOSE:
            parts[part][0].append(one)
    for row in rows:
        parts[part_of[next(iter(row[0]))]][1].append(row)
    return part_of, parts


class _Solver:
    """One part of the equations in HiGHS; every question starts from the solution of the one before."""

    def __init__(
        self,
        unknowns: Sequence[int],
        rows: Sequence[tuple[dict[int, float], float, float]],
        low: Any,
        high: Any,
        answers: Answers,
    ) -> None:
        self.place = {one: place for place, one in enumerate(unknowns)}
        self.answers = answers
        self.low = low
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(unknowns), len(rows)
        model.col_cost_ = np.zeros(len(unknowns))
        model.col_lower_ = np.array([low[one] for one in unknowns])
        model.col_upper_ = np.array([min(high[one], UNBOUNDED) for one in unknowns])
        model.row_lower_ = np.array([least for _, least, _ in rows])
        model.row_upper_ = np.array([most for _, _, most in rows])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(len(coefficients) for coefficients, _, _ in rows)])
        model.a_matrix_.index_ = np.array([self.place[one] for coefficients, _, _ in rows for one in coefficients])
        model.a_matrix_.value_ = np.array([factor for coefficients, _, _ in rows for factor in coefficients.values()])
        self.highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self.highs.silent()
        self.highs.setOptionValue("threads", 1)
        # A solution stays one when another sum is asked for: the primal simplex method goes on from there.
        self.highs.setOptionValue("simplex_strategy", 4)
        self.highs.passModel(model)

    def interval(self, unknowns: Sequence[int]) -> tuple[float, float]:
        """The least and the greatest value of a sum."""
        places = [self.place[one] for one in unknowns]
        cost = np.bincount(places, minlength=len(self.place)).astype(float)
        return float(self._solve(cost) @ cost), float(self._solve(-cost) @ cost)

    def answer(self, questions: Sequence[Question]) -> None:
        """Add the narrow ones to the answers."""
        places = [[self.place[one] for one in question.unknowns if one in self.place] for question in questions]
        sums = _Sums(places, [question.width for question in questions], len(self.place))
        drawn = np.random.default_rng(1)
        while sums.separated > _FEW and (open_sums := sums.still_open()).any():
            # Nearly all sums can be zero, and are in most solutions: they are pushed up more often than down.
            signs = drawn.choice((1.0, -1.0), len(questions), p=(0.3, 0.7))
            sums.see(self._solve(sums.cost(np.where(open_sums, signs, 0))))
        for number in np.flatnonzero(sums.still_open()):
            for sign in (1.0, -1.0):
                if sums.still_open()[number]:
                    sums.see(self._solve(sums.cost(sign * (np.arange(len(questions)) == number))))
            if sums.most[number] - sums.least[number] < questions[number].width - CLOSE:
                # What the other unknowns of the question add, which have one value.
                fixed = sum(self.low[one] for one in questions[number].unknowns if one not in self.place)
                ends = float(sums.least[number] + fixed), float(sums.most[number] + fixed)
                self.answers.narrow.append(Narrow(questions[number].label, *ends))

    def _solve(self, cost: Any) -> Any:
        """The unknowns' values of which the sum, each multiplied by its cost, is least."""
        self.highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ValueError(f"the equations contradict each other ({self.highs.getModelStatus()})")
        self.answers.solutions += 1
        return np.array(self.highs.getSolution().col_value)


class _Sums:
    """The least and the greatest value with which each of some sums was seen."""

    def __init__(self, places: Sequence[Sequence[int]], widths: Sequence[float], unknowns: int) -> None:
        self._flat = np.concatenate(places)
        self._begins = np.cumsum([0, *(len(one) for one in places[:-1])])
        self._sum_of = np.repeat(np.arange(len(places)), [len(one) for one in places])
        self._widths, self._unknowns = np.array(widths), unknowns
        self.least, self.most = np.full(len(places), np.inf), np.full(len(places), -np.inf)
        self.separated = len(places)
        """How many of them the latest two solutions separated that were not before."""
        self._latest = len(places)

    def still_open(self) -> Any:
        """Which were not seen far enough apart."""
        return self.most - self.least < self._widths

    def cost(self, signs: Any) -> Any:
        """The cost of each unknown if each sum has a sign, or counts nothing."""
        return np.bincount(self._flat, signs[self._sum_of], self._unknowns)

    def see(self, solution: Any) -> None:
        """Look at all sums in a solution."""
        before = self.still_open().sum()
        values = np.add.reduceat(solution[self._flat], self._begins)
        self.least, self.most = np.minimum(self.least, values), np.maximum(self.most, values)
        latest = int(before - self.still_open().sum())
        # The first solution separates nothing.
        self.separated, self._latest = latest + self._latest, latest
