"""Values out of rows, as a mapping's fields say: each field becomes one function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from spindel.collect.files.mapping import Condition, Field, Time, columns_of, pieces
from spindel.collect.files.reading import Row
from spindel.kit.numbers import NotNumber, TooFine, Unclear, parse_decimal

Pick = Callable[[Row], object]


class Problem(Exception):
    """A row can't become a message; the text says why, without any of the row's values."""


def cell(row: Row, column: str) -> object:
    """The row's value, stripped; None where it is empty. `a.b` is `b` inside of `a`."""
    value: object = row.values.get(column)
    if value is None and column not in row.values:
        if column == "line":
            return row.number
        value = row.values
        for part in column.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, str):
        return value.strip() or None
    return value


def as_text(value: object, column: str) -> str | None:
    """The value as an identifier is written: 17850.0, out of a column that had gaps, is 17850."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value).strip() or None
    raise Problem(f"{column} is a list or an object where a text is wanted.")


def as_number(
    value: object, column: str, decimal: str | None, places: int | None = None
) -> int | Decimal | None:
    """The value as an exact number. Raises Problem for a text that can be read as two numbers,
    and for one of more than `places` decimals, unless the mapping says which mark is the `decimal`.
    """
    if value is None:
        return None
    try:
        if isinstance(value, str):
            sign, digits = (value[0], value[1:]) if value[:1] in _SIGNS else ("", value)
            number = parse_decimal(digits, decimal, None if decimal else places)
            number = number.copy_negate() if sign in _MINUS else number
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        else:
            raise Problem(f"{column} is not a number.")
    except Unclear:
        raise Problem(
            f"{column} has a mark that may be of thousands or of decimals: say which is the"
            " decimal one with file.decimal in the mapping."
        ) from None
    except TooFine:
        raise Problem(
            f"{column} has more decimals than its currency: if that is right, say file.decimal in"
            " the mapping."
        ) from None
    except NotNumber:
        raise Problem(f"{column} is not a number.") from None
    if not number.is_finite() or (number and not -30 < number.adjusted() < 30):
        raise Problem(f"{column} is not a number that can be kept.")
    return int(number) if number == number.to_integral() else number


_MINUS = ("-", "−")
_SIGNS = ("+", *_MINUS)


def picker(spec: str | Field, decimal: str | None, *, text: bool = False) -> Pick:
    """The function that a field stands for. With `text` it answers with a text, or None."""
    if isinstance(spec, str):
        spec = Field(template=spec) if columns_of(spec) else Field(column=spec)
    source = _source(spec)
    name = spec.column or "It"
    values, default, lower, prefix = spec.values, spec.default, spec.lower, spec.prefix
    number = spec.number

    def pick(row: Row) -> object:
        value = source(row)
        if values is not None and value is not None:
            value = values.get(as_text(value, name) or "", value)
        if value is None:
            value = default
        if value is None:
            return None
        if lower and isinstance(value, str):
            value = value.lower()
        if prefix:
            value = prefix + (as_text(value, name) or "")
        if number:
            value = as_number(value, name, decimal)
        return as_text(value, name) if text else value

    return pick


def _source(spec: Field) -> Pick:
    if spec.value is not None:
        constant = spec.value
        return lambda row: constant
    if spec.column is not None:
        column = spec.column
        return lambda row: cell(row, column)
    parts = pieces(spec.template or "")

    def fill(row: Row) -> object:
        filled = list(parts)
        for index in range(1, len(parts), 2):
            value = as_text(cell(row, parts[index]), parts[index])
            if value is None:
                return None
            filled[index] = value
        return "".join(filled)

    return fill


def time_picker(spec: str | Time, home: tzinfo) -> Callable[[Row], str | None]:
    """Picks a time as ISO 8601 with its offset. Times without a zone are of the mapping's, or of
    `home`.
    """
    if isinstance(spec, str):
        spec = Time(column=spec)
    column, form = spec.column, spec.format
    zone = ZoneInfo(spec.zone) if spec.zone else home

    def pick(row: Row) -> str | None:
        value = cell(row, column)
        if value is None:
            return None
        try:
            moment = _moment(value, form)
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()
        except (ValueError, OverflowError, OSError, TypeError):
            form_ = f"in the form {form}" if form else "in ISO 8601: give its format"
            raise Problem(f"{column} is not a time {form_}.") from None

    return pick


def _moment(value: object, form: str | None) -> datetime:
    if form == "unix" and isinstance(value, str):
        value = float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
    if not isinstance(value, str):
        raise TypeError
    if form is not None:
        return datetime.strptime(value, form)  # noqa: DTZ007  # the caller adds the zone
    return datetime.fromisoformat(value)


def any_holds(conditions: Sequence[Condition], decimal: str | None) -> Callable[[Row], bool]:
    """Whether one of the conditions holds for a row; False for none at all."""
    tests = [_test(condition, decimal) for condition in conditions]
    return lambda row: any(test(row) for test in tests)


def _test(condition: Condition, decimal: str | None) -> Callable[[Row], bool]:
    column = condition.column

    def text(row: Row) -> str:
        return as_text(cell(row, column), column) or ""

    if condition.empty is not None:
        empty = condition.empty
        return lambda row: (cell(row, column) is None) == empty
    if condition.starts_with is not None:
        start = condition.starts_with
        return lambda row: text(row).startswith(start)
    if condition.below is not None or condition.above is not None:
        low, high = condition.above, condition.below

        def between(row: Row) -> bool:
            number = as_number(cell(row, column), column, decimal)
            return number is not None and (
                (low is not None and number > low) or (high is not None and number < high)
            )

        return between
    wanted = condition.any_of if condition.any_of is not None else [condition.equals]
    texts = {as_text(value, column) or "" for value in wanted}
    return lambda row: text(row) in texts
